#!/bin/sh
# does: Exits with each code there is.
# own-uid: for 0: DONE, exit N, tree empty, prints nothing
# own-uid: for 1-255: ERROR failed, exit N, tree empty, prints nothing
# same-user: for 0: DONE, exit N, tree empty, prints nothing
# same-user: for 1-255: ERROR failed, exit N, tree empty, prints nothing
# namespace: for 0: DONE, exit N, tree empty, prints nothing
# namespace: for 1-255: ERROR failed, exit N, tree empty, prints nothing

exit "$1"

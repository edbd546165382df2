#!/bin/sh
# does: Replaces itself by itself again and again, for as long as it may.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints nothing, within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints nothing, within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints nothing, within 10 s

exec /bin/sh "$0"

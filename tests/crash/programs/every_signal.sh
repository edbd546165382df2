#!/bin/sh
# does: Sends itself each signal there is. Some end it, some do nothing to a process that leads its session, and
#   SIGSTOP stops it, until its TTL.
# ttl: 1 s
# own-uid: for 1-16 24-27 29-64: ERROR failed, signal N, tree empty, prints nothing
# own-uid: for 17 18 20-23 28: DONE, exit 0, tree empty, prints "nothing happened"
# own-uid: for 19: ERROR timeout, signal 15, tree empty, prints nothing
# same-user: for 1-16 24-27 29-64: ERROR failed, signal N, tree empty, prints nothing
# same-user: for 17 18 20-23 28: DONE, exit 0, tree empty, prints "nothing happened"
# same-user: for 19: ERROR timeout, signal 15, tree empty, prints nothing
# namespace: for 1-16 24-27 29-64: ERROR failed, signal N, tree empty, prints nothing
# namespace: for 17 18 20-23 28: DONE, exit 0, tree empty, prints "nothing happened"
# namespace: for 19: ERROR timeout, signal 15, tree empty, prints nothing

kill "-$1" $$
echo "nothing happened"

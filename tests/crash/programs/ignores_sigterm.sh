#!/bin/sh
# does: Ignores SIGTERM and its like, and runs until it is killed.
# ttl: 1 s
# own-uid: ERROR timeout, signal 9, tree empty, prints "you will have to kill me", within 10 s
# same-user: ERROR timeout, signal 9, tree empty, prints "you will have to kill me", within 10 s
# namespace: ERROR timeout, signal 9, tree empty, prints "you will have to kill me", within 10 s

trap '' TERM HUP INT QUIT USR1 USR2
echo "you will have to kill me"
while :; do sleep 0.1; done

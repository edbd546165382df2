#!/bin/sh
# does: Leaves a process that is root and first of its own user, PID and mount namespaces, where the machine allows
#   them to everybody.
# own-uid: DONE, exit 0, tree empty, prints "hidden or refused", within 10 s
# same-user: DONE, exit 0, tree empty, prints "hidden or refused", within 10 s
# namespace: DONE, exit 0, tree empty, prints "hidden or refused", within 10 s

setsid unshare --user --map-root-user --pid --mount --fork sh -c 'trap "" TERM; : >there; while :; do sleep 1; done' &
until [ -e there ] || ! kill -0 $! 2>/dev/null; do sleep 0.02; done
echo "hidden or refused"

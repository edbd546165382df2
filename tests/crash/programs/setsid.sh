#!/bin/sh
# does: Leaves a process in a session of its own that ignores every polite signal, and exits.
# own-uid: DONE, exit 0, tree empty, prints "left it", within 10 s
# same-user: DONE, exit 0, tree empty, prints "left it", within 10 s
# namespace: DONE, exit 0, tree empty, prints "left it", within 10 s

setsid sh -c 'trap "" TERM HUP INT QUIT; : >there; while :; do sleep 1; done' &
until [ -e there ]; do sleep 0.02; done
echo "left it"

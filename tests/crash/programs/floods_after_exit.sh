#!/bin/sh
# does: Leaves a child that floods standard output and deafly goes on when the leader has exited.
# own-uid: DONE, exit 0, tree empty, prints over 65536 bytes, within 10 s
# same-user: DONE, exit 0, tree empty, prints over 65536 bytes, within 10 s
# namespace: DONE, exit 0, tree empty, prints over 65536 bytes, within 10 s

sh -c 'trap "" TERM; while :; do yes flood | head -c 200000; : >begun; sleep 0.02; done' &
until [ -e begun ]; do sleep 0.02; done

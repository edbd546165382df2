#!/bin/sh
# does: Exits with a code of its own while twenty children live: some stopped, some deaf to SIGTERM.
# own-uid: ERROR failed, exit 7, tree empty, prints nothing, within 10 s
# same-user: ERROR failed, exit 7, tree empty, prints nothing, within 10 s
# namespace: ERROR failed, exit 7, tree empty, prints nothing, within 10 s

for i in 1 2 3 4 5 6 7 8 9 10; do
  sh -c 'trap "" TERM; : >deaf.$1; while :; do sleep 1; done' sh "$i" &
  sh -c ': >stopped.$1; kill -STOP $$' sh "$i" &
done
until [ "$(find . -name 'deaf.*' -o -name 'stopped.*' | wc -l)" -eq 20 ]; do sleep 0.02; done
exit 7

#!/bin/sh
# does: Leaves three hundred orphans that exit at once, each a zombie that somebody has to collect.
# own-uid: DONE, exit 0, tree empty, prints "300 orphans"
# same-user: DONE, exit 0, tree empty, prints "300 orphans"
# namespace: DONE, exit 0, tree empty, prints "300 orphans"

i=0
while [ "$i" -lt 300 ]; do
  (true &)
  i=$((i + 1))
done
echo "$i orphans"

#!/bin/sh
# does: Writes without end, some 25 MB a second, so that the disk of the test has room for it until the TTL.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints over 1000000 bytes, within 6 s
# same-user: ERROR timeout, signal 15, tree empty, prints over 1000000 bytes, within 6 s

while :; do
  yes 'and on and on' | head -c 500000
  sleep 0.02
done

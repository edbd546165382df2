#!/bin/sh
# does: Writes without end, some 25 MB a second, so that the disk of the test has room for it until the TTL.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints over 200000 bytes, within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints over 200000 bytes, within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints over 200000 bytes, within 10 s

while :; do
  yes 'and on and on' | head -c 500000
  sleep 0.02
done

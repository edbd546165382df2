#!/bin/sh
# does: Sleeps past its TTL.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "good night", reason "ttl of 1 s", within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints "good night", reason "ttl of 1 s", within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints "good night", reason "ttl of 1 s", within 10 s

echo "good night"
sleep 1000

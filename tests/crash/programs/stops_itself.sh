#!/bin/sh
# does: Stops itself, so that no polite signal would reach it.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "stopping", within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints "stopping", within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints "stopping", within 10 s

echo "stopping"
kill -STOP $$
echo "went on"

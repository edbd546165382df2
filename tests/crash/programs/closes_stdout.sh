#!/bin/sh
# does: Closes its standard streams and lives on.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "last words", within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints "last words", within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints "last words", within 10 s

echo "last words"
exec <&- >&- 2>&-
while :; do sleep 0.1; done

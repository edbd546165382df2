#!/bin/sh
# does: Exits while a child holds its standard output open, so that a reader of the pipe would wait for ever.
# own-uid: DONE, exit 0, tree empty, prints "done", within 10 s
# same-user: DONE, exit 0, tree empty, prints "done", within 10 s
# namespace: DONE, exit 0, tree empty, prints "done", within 10 s

sleep 1000 &
echo "done"

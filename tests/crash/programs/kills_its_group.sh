#!/bin/sh
# does: Sends SIGKILL to its whole process group, itself with it.
# own-uid: ERROR failed, signal 9, tree empty, prints "all of us", reason "SIGKILL"
# same-user: ERROR failed, signal 9, tree empty, prints "all of us", reason "SIGKILL"
# namespace: ERROR failed, signal 9, tree empty, prints "all of us", reason "SIGKILL"

sleep 1000 &
echo "all of us"
kill -KILL 0
echo "still here"

# does: Makes a daemon with two forks that also sheds its environment, so that no trace of the task is on it.
# own-uid: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# same-user: DONE, exit 0, tree not empty, outlived until its neighbours end, prints "daemon is up",
#   reason "some of its processes did not end"
# namespace: DONE, exit 0, tree empty, prints "daemon is up", within 10 s

import os

reader, writer = os.pipe()
os.set_inheritable(writer, True)
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    code = f"echo up >&{writer}; exec {writer}>&- >/dev/null 2>&1; while :; do sleep 1; done"
    os.execve("/bin/sh", ["sh", "-c", code], {})
os.wait()
print("daemon is", os.read(reader, 2).decode())

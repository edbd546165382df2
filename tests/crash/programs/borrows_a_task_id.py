# does: Makes a daemon that carries the task id of another task, to be taken for its.
# own-uid: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# same-user: DONE, exit 0, tree empty, outlived until its neighbours end, prints "daemon is up"
# namespace: DONE, exit 0, tree empty, prints "daemon is up"

import os

reader, writer = os.pipe()
os.set_inheritable(writer, True)
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    code = f"echo up >&{writer}; exec {writer}>&- >/dev/null 2>&1; while :; do sleep 1; done"
    os.execve("/bin/sh", ["sh", "-c", code], {"VX11_TASK_ID": os.environ["TARGET_SIBLING_TASK"]})
os.wait()
print("daemon is", os.read(reader, 2).decode())

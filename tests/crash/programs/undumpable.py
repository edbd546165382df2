# does: Makes a daemon that may not be dumped, so that the files of /proc about it belong to root.
# own-uid: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# same-user: DONE, exit 0, tree not empty, outlived until its neighbours end, prints "daemon is up",
#   reason "some of its processes did not end"
# namespace: DONE, exit 0, tree empty, prints "daemon is up", within 10 s

import ctypes
import os
import time

PR_SET_DUMPABLE = 4
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.write(writer, b"up")
    while True:
        time.sleep(1)
os.wait()
print("daemon is", os.read(reader, 2).decode())

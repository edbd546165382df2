# does: Makes children of its parent's instead of its own (CLONE_PARENT): one exits at once, one stays.
# own-uid: DONE, exit 0, tree empty, prints "two siblings", within 10 s
# same-user: DONE, exit 0, tree empty, prints "two siblings", within 10 s
# namespace: DONE, exit 0, tree empty, prints "two siblings", within 10 s

import ctypes
import os
import signal
import time

SYS_CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
CLONE_PARENT = 0x8000
libc = ctypes.CDLL(None)
reader, writer = os.pipe()
for stays in (False, True):
    if libc.syscall(SYS_CLONE, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os.write(writer, b".")
        while stays:
            time.sleep(1)
        os._exit(0)
seen = 0
while seen < 2:
    seen += len(os.read(reader, 2))
print("two siblings")

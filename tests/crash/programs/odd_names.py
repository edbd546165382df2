# does: Makes daemons whose names are made to fool who reads /proc: parentheses, blanks, a line's end.
# own-uid: DONE, exit 0, tree empty, prints "4 daemons", within 10 s
# same-user: DONE, exit 0, tree empty, prints "4 daemons", within 10 s
# namespace: DONE, exit 0, tree empty, prints "4 daemons", within 10 s

import ctypes
import os
import time

PR_SET_NAME = 15
libc = ctypes.CDLL(None)
names = [b") Z 1 1 1 1", b"a) S 2 (b", b"x\nUid:\t0\t0", b"((((   ))))"]
reader, writer = os.pipe()
for name in names:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            libc.prctl(PR_SET_NAME, name, 0, 0, 0)
            os.write(writer, b".")
            while True:
                time.sleep(1)
        os._exit(0)
seen = 0
while seen < len(names):
    seen += len(os.read(reader, len(names)))
print(seen, "daemons")

# does: Opens its own output anew through /proc, shrinks the pipe, fills it unread and makes it non-blocking.
# own-uid: DONE, exit 0, tree empty, prints 300000 bytes
# same-user: DONE, exit 0, tree empty, prints 300000 bytes
# namespace: DONE, exit 0, tree empty, prints 300000 bytes

import fcntl
import os
import select

F_SETPIPE_SZ = 1031
again = os.open("/proc/self/fd/1", os.O_WRONLY | os.O_NONBLOCK)
fcntl.fcntl(again, F_SETPIPE_SZ, 4096)
left = memoryview(b"x" * 300000)
while left:
    try:
        left = left[os.write(again, left[:70000]):]
    except BlockingIOError:
        select.select([], [again], [])

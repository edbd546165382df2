# does: Prints one line of 8 MiB, without an end, on both streams at once.
# own-uid: DONE, exit 0, tree empty, prints 8388608 bytes
# same-user: DONE, exit 0, tree empty, prints 8388608 bytes
# namespace: DONE, exit 0, tree empty, prints 8388608 bytes

import os
import threading


def write(descriptor):
    left = memoryview(b"x" * 8 * 1024 * 1024)
    while left:
        left = left[os.write(descriptor, left):]


other = threading.Thread(target=write, args=(2,))
other.start()
write(1)
other.join()

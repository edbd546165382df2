# does: Prints 20000 bytes one at a time, each with a system call of its own.
# own-uid: DONE, exit 0, tree empty, prints 20000 bytes
# same-user: DONE, exit 0, tree empty, prints 20000 bytes
# namespace: DONE, exit 0, tree empty, prints 20000 bytes

import os

for _ in range(20000):
    os.write(1, b"x")

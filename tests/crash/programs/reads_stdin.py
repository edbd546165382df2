# does: Reads standard input for ever, though it has ended.
# ttl: 1 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "nothing to read", within 6 s
# same-user: ERROR timeout, signal 15, tree empty, prints "nothing to read", within 6 s

import sys
import time

if sys.stdin.read() == "":
    print("nothing to read")
while sys.stdin.read() == "":
    time.sleep(0.01)

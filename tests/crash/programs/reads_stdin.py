# does: Reads standard input for ever, though it has ended.
# ttl: 2 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "nothing to read", within 10 s
# same-user: ERROR timeout, signal 15, tree empty, prints "nothing to read", within 10 s
# namespace: ERROR timeout, signal 15, tree empty, prints "nothing to read", within 10 s

import sys
import time

if sys.stdin.read() == "":
    print("nothing to read")
while sys.stdin.read() == "":
    time.sleep(0.01)

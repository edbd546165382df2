# does: Forks without end, and each child too, until its TTL.
# ttl: 2 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "met the limit", within 10 s
# same-user: not shown: needs a user id of its own
# namespace: not shown: needs a user id of its own

import os
import sys
import time

# A belt: as anybody else it would take the processes of others.
if not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
said = False
leader = os.getpid()
while True:
    try:
        os.fork()
    except BlockingIOError:
        if not said and os.getpid() == leader:
            print("met the limit")
            said = True
        time.sleep(0.01)

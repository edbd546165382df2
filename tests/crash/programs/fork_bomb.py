# does: Forks without end, and each child too, until its TTL.
# ttl: 2 s
# own-uid: ERROR timeout, signal 15, tree empty, prints "met the limit", within 10 s
# same-user: not shown: needs a count of processes of its own
# namespace: ERROR timeout, signal 15, tree empty, prints "met the limit", within 10 s

import os
import resource
import sys
import time

# A belt: without a limit of its own it would take the processes of others.
if resource.getrlimit(resource.RLIMIT_NPROC)[0] > 64:
    sys.exit("not without a limit")
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

# does: Sends SIGKILL to everybody whom it may send it to: kill -1. Its own child is hit, nobody else.
# own-uid: DONE, exit 0, tree empty, prints "child ended by signal 9"
# same-user: not shown: needs a user id of its own
# namespace: not shown: needs a user id of its own

import os
import signal
import sys
import time

# A belt: as anybody else it would end the machine's other work.
if not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
child = os.fork()
if child == 0:
    while True:
        time.sleep(1)
os.kill(-1, signal.SIGKILL)
print("child ended by signal", os.WTERMSIG(os.waitpid(child, 0)[1]))

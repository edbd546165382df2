# does: Sends itself each signal there is. Some end it, some do nothing to a process that leads its session, and
#   SIGSTOP stops it, until its TTL.
# ttl: 1 s
# own-uid: for 1-16 24-27 29-64: ERROR failed, signal N, tree empty, prints nothing
# own-uid: for 17 18 20-23 28: DONE, exit 0, tree empty, prints "nothing happened"
# own-uid: for 19: ERROR timeout, signal 15, tree empty, prints nothing
# same-user: for 1-16 24-27 29-64: ERROR failed, signal N, tree empty, prints nothing
# same-user: for 17 18 20-23 28: DONE, exit 0, tree empty, prints "nothing happened"
# same-user: for 19: ERROR timeout, signal 15, tree empty, prints nothing

import os
import signal
import sys

number = int(sys.argv[1])
# Python ignores or catches some that would end other programs.
for caught in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(caught, signal.SIG_DFL)
os.kill(os.getpid(), number)
print("nothing happened")

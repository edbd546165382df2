# does: Kills its parent, which is the spawner of everybody, and the group and session that its parent leads.
# own-uid: DONE, exit 0, tree empty, prints "0 of 3 got through"
# same-user: not shown: needs a user id of its own
# namespace: not shown: needs a user id of its own

import os
import signal
import sys

# A belt: as its parent's user it would succeed.
if not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
parent = os.getppid()
through = 0
for target in (parent, -os.getpgid(parent), -os.getsid(parent)):
    try:
        os.kill(target, signal.SIGKILL)
        through += 1
    except PermissionError as refusal:
        print(refusal, file=sys.stderr)
print(through, "of 3 got through")

# does: Connects to the spawner's socket, by its path and through the descriptors of those who hold it.
# own-uid: DONE, exit 0, tree empty, prints "0 of 3 got through"
# same-user: not shown: needs a user id of its own
# namespace: DONE, exit 0, tree empty, prints "0 of 3 got through"

import os
import socket
import sys

# Under `namespace` something of vx11's covers what must not be seen; there what is hidden is as good as refused.
confined = any(line.startswith("vx11 ") for line in open("/proc/self/mounts"))
# A belt: who is let in could start and end the tasks of others.
if not confined and not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
refusals = (PermissionError, ConnectionRefusedError, FileNotFoundError) if confined else PermissionError
path = os.environ["TARGET_SOCKET"]
through = 0
for address in (path, f"/proc/{os.environ['TARGET_SPAWNER_PID']}/root{path}",
                f"/proc/{os.environ['TARGET_HOST_PID']}/cwd/{path}"):
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(address)
        through += 1
    except refusals as refusal:
        print(refusal, file=sys.stderr)
print(through, "of 3 got through")

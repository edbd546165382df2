# does: Makes three daemons that shed their session and stop themselves, and exits.
# own-uid: DONE, exit 0, tree empty, prints "three stopped", within 10 s
# same-user: DONE, exit 0, tree empty, prints "three stopped", within 10 s
# namespace: DONE, exit 0, tree empty, prints "three stopped", within 10 s

import os
import signal

reader, writer = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writer, b".")
            os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
seen = 0
while seen < 3:
    seen += len(os.read(reader, 3))
print("three stopped")

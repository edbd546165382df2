# does: Makes a daemon as daemons are made: two forks, a session of its own, other descriptors, another directory.
# own-uid: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# same-user: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# namespace: DONE, exit 0, tree empty, prints "daemon is up", within 10 s

import os
import time

reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    os.write(writer, b"up")
    while True:
        time.sleep(1)
os.wait()
print("daemon is", os.read(reader, 2).decode())

# does: Makes a daemon whose first thread exits while another works on: /proc shows it as a zombie, which it is not.
# own-uid: DONE, exit 0, tree empty, prints "daemon is up", within 10 s
# same-user: DONE, exit 0, tree not empty, outlived until its neighbours end, prints "daemon is up",
#   reason "some of its processes did not end"
# namespace: DONE, exit 0, tree empty, prints "daemon is up", within 10 s

import ctypes
import os
import threading
import time

SYS_EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]  # of this thread alone
libc = ctypes.CDLL(None)
reader, writer = os.pipe()


def work():
    while open(f"/proc/{os.getpid()}/stat").read().rsplit(")", 1)[1].split()[0] != "Z":
        time.sleep(0.01)
    os.write(writer, b"up")
    while True:
        time.sleep(1)


if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    threading.Thread(target=work).start()
    libc.syscall(SYS_EXIT, 0)
os.wait()
print("daemon is", os.read(reader, 2).decode())

# does: Traces host, spawner and sibling, reads and writes their memory, and takes their descriptors.
# own-uid: DONE, exit 0, tree empty, prints "0 of 18 got through"
# same-user: not shown: needs a user id of its own
# namespace: DONE, exit 0, tree empty, prints "0 of 18 got through"

import ctypes
import os
import sys

# Under `namespace` something of vx11's covers what must not be seen; there what is hidden is as good as refused.
confined = any(line.startswith("vx11 ") for line in open("/proc/self/mounts"))
# A belt: as their user it would succeed.
if not confined and not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
SYS_PIDFD_GETFD = 438
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
refusals = (PermissionError, ProcessLookupError, FileNotFoundError) if confined else PermissionError
tried = through = 0


def attempt(what, action):
    global tried, through
    tried += 1
    try:
        action()
        through += 1
        print("got through:", what, file=sys.stderr)
    except refusals as refusal:
        print(what, refusal, file=sys.stderr)


def call(function, *arguments):
    if function(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


room = ctypes.create_string_buffer(8)
here = Piece(ctypes.addressof(room), 8)
for name in ("HOST", "SPAWNER", "SIBLING"):
    pid = int(os.environ[f"TARGET_{name}_PID"])
    attempt(f"attach {name}", lambda: call(libc.ptrace, PTRACE_ATTACH, pid, None, None))
    attempt(f"seize {name}", lambda: call(libc.ptrace, PTRACE_SEIZE, pid, None, None))
    attempt(f"read {name}", lambda: call(libc.process_vm_readv, pid, ctypes.byref(here), 1, ctypes.byref(here), 1, 0))
    attempt(f"write {name}", lambda: call(libc.process_vm_writev, pid, ctypes.byref(here), 1, ctypes.byref(here), 1, 0))
    attempt(f"memory of {name}", lambda: os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR)))
    attempt(f"descriptor of {name}", lambda: call(libc.syscall, SYS_PIDFD_GETFD, os.pidfd_open(pid), 1, 0))
print(through, "of", tried, "got through")

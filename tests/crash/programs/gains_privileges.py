# does: Tries to become root or to do what root may: ids, groups, mounts, devices, priority; and looks that set-user-id
#   programs would give it nothing (no_new_privs).
# own-uid: DONE, exit 0, tree empty, prints "0 of 9 got through"
# same-user: DONE, exit 0, tree empty, prints "0 of 9 got through"
# namespace: DONE, exit 0, tree empty, prints "0 of 9 got through"

import ctypes
import errno
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
# Under `namespace` something of vx11's covers what must not be seen; there root's ids do not exist at all.
confined = any(line.startswith("vx11 ") for line in open("/proc/self/mounts"))
tried = through = 0


def attempt(what, action):
    global tried, through
    tried += 1
    try:
        action()
        through += 1
        print("got through:", what, file=sys.stderr)
    except OSError as refusal:
        if refusal.errno != errno.EINVAL or not confined:
            if not isinstance(refusal, PermissionError):
                raise
        print(what, refusal, file=sys.stderr)


def call(function, *arguments):
    if function(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def look_at_set_uid():
    # A program of root's with that bit would be none of this test's own, so that it is not run but asked about.
    code = "import os, sys; sys.exit(os.geteuid() == os.getuid() and 'NoNewPrivs:\\t1' in open('/proc/self/status').read())"
    if subprocess.run([sys.executable, "-c", code]).returncode == 1:
        raise PermissionError("no new privileges")


attempt("set-user-id", look_at_set_uid)
attempt("root's uid", lambda: os.setuid(0))
attempt("root's gid", lambda: os.setgid(0))
attempt("groups", lambda: os.setgroups([0]))
attempt("root directory", lambda: os.chroot("."))
attempt("mount", lambda: call(libc.mount, b"none", os.getcwd().encode(), b"tmpfs", 0, None))
attempt("device", lambda: os.mknod("disk", 0o60600, os.makedev(8, 0)))
attempt("priority", lambda: os.nice(-5))
attempt("host name", lambda: call(libc.sethostname, b"mine", 4))
print(through, "of", tried, "got through")

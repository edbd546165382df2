# does: Sends deadly signals to host, spawner and sibling, stops them, and takes priority, processors and limits away.
# own-uid: DONE, exit 0, tree empty, prints "0 of 24 got through"
# same-user: not shown: needs a user id of its own
# namespace: not shown: needs a user id of its own

import os
import resource
import signal
import sys

# A belt: as their user it would succeed.
if not 1900002000 <= os.getuid() < 1900002990:
    sys.exit("not as this user")
tried = through = 0


def attempt(what, action):
    global tried, through
    tried += 1
    try:
        action()
        through += 1
        print("got through:", what, file=sys.stderr)
    except PermissionError as refusal:
        print(what, refusal, file=sys.stderr)


for name in ("HOST", "SPAWNER", "SIBLING"):
    pid = int(os.environ[f"TARGET_{name}_PID"])
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, 0):
        attempt(f"signal {number} to {name}", lambda: os.kill(pid, number))
    pidfd = os.pidfd_open(pid)
    attempt(f"pidfd of {name}", lambda: signal.pidfd_send_signal(pidfd, signal.SIGKILL))
    attempt(f"priority of {name}", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt(f"processors of {name}", lambda: os.sched_setaffinity(pid, {0}))
    attempt(f"limits of {name}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))
print(through, "of", tried, "got through")

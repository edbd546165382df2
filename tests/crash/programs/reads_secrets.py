# does: Reads what it must not: token, database, state and spool, the code and files of another task, the environments
#   of host, spawner and sibling.
# own-uid: DONE, exit 0, tree empty, prints "0 of 17 got through"
# same-user: DONE, exit 0, tree empty, prints "17 of 17 got through"
# namespace: DONE, exit 0, tree empty, prints "0 of 17 got through"

import os
import sys

# Under `namespace` something of vx11's covers what must not be seen; there what is hidden is as good as refused.
confined = any(line.startswith("vx11 ") for line in open("/proc/self/mounts"))
refusals = (PermissionError, FileNotFoundError) if confined else PermissionError
tried = through = 0


def attempt(what, action):
    global tried, through
    tried += 1
    try:
        action()
        through += 1
        print("got through:", what, file=sys.stderr)
    except refusals as refusal:
        print(refusal, file=sys.stderr)


def read(path):
    with open(path, "rb") as file:
        if not file.read(1) and confined:
            raise PermissionError("nothing in " + path)


def look_into(path):
    # Its own directory is no secret.
    if set(os.listdir(path)) <= {os.path.basename(os.environ["HOME"])} and confined:
        raise PermissionError("nothing in " + path)


state = os.environ["TARGET_STATE"]
sibling = os.environ["TARGET_SIBLING_DIRECTORY"]
for path in (os.environ["TARGET_TOKEN"], state + "/vx11.db", state + "/vx11.db-wal", state + "/vx11-spawner.log",
             sibling + "/main.sh"):
    attempt(path, lambda: read(path))
for path in (state, state + "/spool", os.environ["TARGET_TASKS"], sibling):
    attempt(path, lambda: look_into(path))
for pid in (os.environ["TARGET_HOST_PID"], os.environ["TARGET_SPAWNER_PID"], os.environ["TARGET_SIBLING_PID"]):
    attempt(pid + "/environ", lambda: read(f"/proc/{pid}/environ"))
    attempt(pid + "/fd", lambda: os.listdir(f"/proc/{pid}/fd"))
attempt("sibling's directory", lambda: os.chdir(f"/proc/{os.environ['TARGET_SIBLING_PID']}/cwd"))
attempt("sibling's output", lambda: open(f"/proc/{os.environ['TARGET_SIBLING_PID']}/fd/1", "wb").close())
print(through, "of", tried, "got through")

# does: Writes what it must not: token, database, state and spool, task directories, plugins, the spawner's socket.
# own-uid: DONE, exit 0, tree empty, prints "0 of 18 got through"
# same-user: not shown: needs a user id of its own
# namespace: not shown: needs a user id of its own

import os
import sys

# A belt: as their owner it would destroy them.
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
        print(refusal, file=sys.stderr)


state = os.environ["TARGET_STATE"]
tasks = os.environ["TARGET_TASKS"]
sibling = os.environ["TARGET_SIBLING_DIRECTORY"]
for path in (os.environ["TARGET_TOKEN"], state + "/vx11.db", state + "/new", state + "/spool/new", tasks + "/new",
             sibling + "/main.sh", sibling + "/new", os.environ["TARGET_PLUGINS"].split(":")[0] + "/new.so",
             os.environ["TARGET_PRECIOUS"] + "/file"):
    attempt("writing " + path, lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT)))
for path in (os.environ["TARGET_TOKEN"], state + "/vx11.db", os.environ["TARGET_SOCKET"],
             os.environ["TARGET_SOCKET"] + ".lock", sibling + "/main.sh"):
    attempt("removing " + path, lambda: os.unlink(path))
attempt("renaming", lambda: os.rename(sibling, sibling + ".mine"))
attempt("linking", lambda: os.link(os.environ["TARGET_PRECIOUS"] + "/file",
                                 os.environ["TARGET_PRECIOUS"] + "/mine"))
attempt("opening up", lambda: os.chmod(state, 0o777))
attempt("opening up", lambda: os.chmod(sibling, 0o777))
print(through, "of", tried, "got through")

# does: Opens descriptors until there are no more for it, at most 30000, and has a child do the same.
# own-uid: DONE, exit 0, tree empty, prints "both met the limit"
# same-user: DONE, exit 0, tree empty, prints "both met the limit"
# namespace: DONE, exit 0, tree empty, prints "both met the limit"

import os
import resource


def open_all():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # Where the machine allows a million, the limit is made one that the test can afford.
    limit = 30000 if hard == resource.RLIM_INFINITY else min(hard, 30000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    try:
        while True:
            os.open("/dev/null", os.O_RDONLY)
    except OSError as error:
        return error.errno == 24


child = os.fork()
met = open_all()
if child == 0:
    os._exit(0 if met else 1)
if os.wait()[1] == 0 and met:
    print("both met the limit")

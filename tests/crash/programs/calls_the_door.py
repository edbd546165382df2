# does: Calls vx11d's own HTTP door without the token and with guessed ones, to start, read and open windows.
# own-uid: DONE, exit 0, tree empty, prints "0 of 16 got through"
# same-user: DONE, exit 0, tree empty, prints "0 of 16 got through"
# namespace: DONE, exit 0, tree empty, prints "0 of 16 got through"

import json
import os
import sys
import urllib.error
import urllib.request

door = "http://127.0.0.1:" + os.environ["TARGET_PORT"]
calls = [("/vx11/spawn", {"task_type": "shell", "code": "echo mine"}), ("/vx11/window/open", {"target": "hermes"}),
         ("/vx11/result/" + os.environ["TARGET_SIBLING_TASK"], None), ("/vx11/db/summary", None)]
tried = through = 0
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for path, body in calls:
    for token in (None, "", "token", os.environ["VX11_TASK_ID"]):
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["X-VX11-Token"] = token
        data = None if body is None else json.dumps(body).encode()
        tried += 1
        try:
            direct.open(urllib.request.Request(door + path, data, headers))
            through += 1
            print("got through:", path, token, file=sys.stderr)
        except urllib.error.HTTPError as refusal:
            if refusal.code not in (401, 403):
                raise
print(through, "of", tried, "got through")

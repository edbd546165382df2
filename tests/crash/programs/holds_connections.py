# does: Leaves a child that holds a hundred connections to vx11d's door, with half a request on each.
# own-uid: DONE, exit 0, tree empty, prints "holding them", within 10 s
# same-user: DONE, exit 0, tree empty, prints "holding them", within 10 s
# namespace: DONE, exit 0, tree empty, prints "holding them", within 10 s

import os
import socket
import time

reader, writer = os.pipe()
if os.fork() == 0:
    held = [socket.create_connection(("127.0.0.1", int(os.environ["TARGET_PORT"]))) for _ in range(100)]
    for connection in held:
        connection.sendall(b"POST /vx11/spawn HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
    os.write(writer, b".")
    while True:
        time.sleep(1)
os.read(reader, 1)
print("holding them")

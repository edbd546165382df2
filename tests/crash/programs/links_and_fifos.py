# does: Leaves links to what is dear to others, links in circles, FIFOs, sockets, and its own code replaced by a link.
# own-uid: DONE, exit 0, tree empty, prints "left them"
# same-user: DONE, exit 0, tree empty, prints "left them"
# namespace: DONE, exit 0, tree empty, prints "left them"

import os
import socket

precious = os.environ["TARGET_PRECIOUS"]
os.symlink(precious, "to-directory")
os.symlink(precious + "/file", "to-file")
os.symlink("/", "to-root")
os.symlink("..", "to-parent")
os.symlink("circle", "circle")
os.symlink("/proc/self/fd/1", "to-output")
os.unlink("main.py")
os.symlink(precious + "/file", "main.py")
os.mkfifo("fifo")
os.mkdir("folder")
os.rename("to-directory", "folder/to-directory")
socket.socket(socket.AF_UNIX).bind("socket")
print("left them")

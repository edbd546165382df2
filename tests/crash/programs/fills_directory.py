# does: Fills its directory: 16 MiB, a thousand files, a path too long to be named at once, folders locked up.
# own-uid: DONE, exit 0, tree empty, prints "full"
# same-user: DONE, exit 0, tree empty, prints "full"
# namespace: DONE, exit 0, tree empty, prints "full"

import os

with open("large", "wb") as large:
    for _ in range(16):
        large.write(b"x" * 1024 * 1024)
os.mkdir("many")
for number in range(1000):
    open(f"many/{number}", "w").close()
os.makedirs("locked/inside/deep")
open("locked/inside/file", "w").close()
os.chmod("locked/inside", 0)
os.chmod("locked", 0)
open(b"name\n\xff with 'quotes' and ..", "w").close()
home = os.getcwd()
for _ in range(60):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
os.chdir(home)
os.chmod(".", 0)
print("full")

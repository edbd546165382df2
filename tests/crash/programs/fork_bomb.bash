#!/bin/bash
# does: The fork bomb that everybody knows: each shell starts two more and exits, so that no process is there for
#   long.
# own-uid: DONE, exit 0, tree empty, prints "lit"
# same-user: not shown: needs a count of processes of its own
# namespace: DONE, exit 0, tree empty, prints "lit"

# A belt: without a limit of its own it would take the processes of others.
[[ $(ulimit -u) != unlimited && $(ulimit -u) -le 64 ]] || exit 99
# To wait on later, when there is no process to be had for sleep.
mkfifo quiet
exec 3<>quiet
echo lit
bomb() { bomb | bomb & }
bomb >/dev/null 2>&1
read -r -t 0.3 -u 3
exit 0

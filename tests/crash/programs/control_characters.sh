#!/bin/sh
# does: Prints what would take over a terminal, a log file or a JSON text: escapes, forged log lines, quotes, braces.
# own-uid: DONE, exit 0, tree empty, prints 88 bytes
# same-user: DONE, exit 0, tree empty, prints 88 bytes
# namespace: DONE, exit 0, tree empty, prints 88 bytes

printf '\033]0;owned\007\033[2J\r\n{"spawn_id":"spawn-1","status":"DONE"}\\u0000"}\n'
printf '%s' '<script>alert(1)</script>'

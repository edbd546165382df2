# does: Prints every byte, NUL too, and what looks like UTF-8 and is none: overlong, cut short, surrogates, too large.
# own-uid: DONE, exit 0, tree empty, prints 276 bytes that are no text
# same-user: DONE, exit 0, tree empty, prints 276 bytes that are no text
# namespace: DONE, exit 0, tree empty, prints 276 bytes that are no text

import sys

wrong = b"\xc0\xaf" b"\xe0\x80\xaf" b"\xed\xa0\x80" b"\xf4\x90\x80\x80" b"\xf8\x88\x80\x80\x80" b"\xff" b"\xe2\x82"
sys.stdout.buffer.write(bytes(range(256)) + wrong)
sys.stderr.buffer.write(wrong)

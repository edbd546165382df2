"""C and C++ sources as the rules need them: includes, and code without comments and literals."""
import pathlib
import re

# The first alternative that matches wins, so a quote in a comment or a comment sign in a string misleads nobody.
# A quote behind a digit separates digits.
_TOKENS = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      |(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      |(?P<text>"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+')""",
    re.DOTALL | re.VERBOSE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def _blank(text):
    """As many lines as before, so that line numbers stay."""
    return " " + "\n" * text.count("\n")


class Source:
    """One file, read when made. `path` is relative to the tree."""

    def __init__(self, tree, path):
        self.path = pathlib.PurePosixPath(path)
        text = (tree / path).read_text(encoding="utf-8", errors="replace")
        self.lines = text.count("\n")
        uncommented = _TOKENS.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], text)
        self.uncommented = uncommented
        self.code = _TOKENS.sub(lambda m: _blank(m[0]), text)
        # (line, name, whether in angle brackets)
        self.includes = [(uncommented.count("\n", 0, m.start()) + 1, m[2], m[1] == "<")
                         for m in _INCLUDE.finditer(uncommented)]

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1

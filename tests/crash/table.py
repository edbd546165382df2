#!/usr/bin/env python3
"""The table of hostile programs in README.md, made from what the programs state of themselves.

table.py           exits 1 where the table says something else
table.py --write   puts it right
"""
import pathlib
import re
import sys

ISOLATIONS = ("own-uid", "same-user", "namespace")
HERE = pathlib.Path(__file__).resolve().parent
BEGIN = "<!-- made by table.py from the programs: begin -->\n"
END = "<!-- end -->\n"


def statement(program):
    """Key to values, in order; a line that begins with "#" and three blanks continues the one above."""
    values, key = {}, None
    for line in program.read_text().splitlines():
        if not line.startswith("#"):
            break
        entry = re.fullmatch(r"# ([a-z-]+): (.+)", line)
        if entry:
            key = entry[1]
            values.setdefault(key, []).append(entry[2])
        elif line.startswith("#   ") and key:
            values[key][-1] += " " + line[4:]
    return values


def cell(texts):
    return "<br>".join(text.replace("|", "\\|") for text in texts)


def table():
    rows = ["| program | what it does | ending under " + " | ending under ".join(ISOLATIONS) + " |",
            "|---|---" + "|---" * len(ISOLATIONS) + "|"]
    for program in sorted((HERE / "programs").iterdir()):
        values = statement(program)
        ttl = [f"TTL {text}." for text in values.get("ttl", [])]
        cells = [" ".join(values["does"] + ttl)] + [cell(values[name]) for name in ISOLATIONS]
        rows.append(f"| `{program.name}` | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def main():
    readme = HERE / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    there, after = rest.split(END)
    if sys.argv[1:] == ["--write"]:
        readme.write_text(before + BEGIN + table() + END + after)
    elif there != table():
        print("tests/crash/README.md does not say what the programs state. Put it right with: tests/crash/table.py --write")
        return 1
    return 0


sys.exit(main())

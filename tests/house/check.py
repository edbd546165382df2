#!/usr/bin/env python3
"""Says where the tree breaks the house rules: check.py TREE. Prints `path:line: sentence`; exits 1 if there is any."""
import pathlib
import re
import sys

import rules
from source import Source

TOP_FOLDERS = ("host", "client", "plugins", "sdk", "config", "tests", "packaging", ".ci")
SOURCES = {".c", ".h", ".cpp", ".hpp"}
SPAWNER_ROOMS = ("spawner", "protocol", "launch")
SCRIPTS = {".py", ".sh", ".bash", ".js", ".cmake"}


def files_of(tree):
    """Relative paths of all files of the house; what a build leaves elsewhere is not looked at."""
    for top in TOP_FOLDERS:
        for path in sorted((tree / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(tree)


def room_of(path):
    """The room of a file of host/, as the tables name it; None for the rest of the tree."""
    parts = path.parts
    if parts[:2] == ("host", "src"):
        if len(parts) > 3:
            return parts[2]
        # What lies beside main belongs to the composition root.
        return "main" if path.stem == "main" else "daemon"
    if parts[:2] == ("host", "spawner"):
        return rules.SHARED_BY_SPAWNER.get(path.stem, "spawner") if len(parts) == 3 else "spawner"
    return None


def is_under(path, places):
    return any(str(path).startswith(place) for place in places)


class House:
    def __init__(self, tree):
        self.tree = tree
        self.faults = []
        self.sources = {}

    def fault(self, path, line, sentence):
        self.faults.append(f"{path}:{line}: {sentence}")

    def source(self, path):
        if path not in self.sources:
            self.sources[path] = Source(self.tree, path)
        return self.sources[path]

    def resolve(self, path, name):
        """The file of this tree that an include means, as the compiler looks for it; None for foreign ones."""
        for place in (path.parent, pathlib.Path("host/src"), pathlib.Path("host"), pathlib.Path("sdk/include"),
                      pathlib.Path("tests/support"), pathlib.Path("client")):
            found = self.tree / place / name
            if found.is_file():
                return found.resolve().relative_to(self.tree)
        return None

    def check(self):
        for path in files_of(self.tree):
            self.check_name(path)
            if path.suffix in SOURCES:
                self.check_source(path)
            elif path.suffix in SCRIPTS or path.name == "CMakeLists.txt" or self.is_script(path):
                self.check_length(path, (self.tree / path).read_bytes().count(b"\n"))
        return self.faults

    def is_script(self, path):
        with open(self.tree / path, "rb") as file:
            return file.read(2) == b"#!"

    def check_name(self, path):
        for part in path.parts:
            words = set(re.split(r"[._-]", part.lower()))
            for word in sorted(words & rules.FORBIDDEN_WORDS):
                self.fault(path, 1, f'"{word}" says nothing about what is inside: name it by its noun')

    def check_length(self, path, lines):
        if lines > rules.MAX_LINES:
            self.fault(path, lines, f"{lines} lines are more than {rules.MAX_LINES}: split it by noun")

    def check_source(self, path):
        source = self.source(path)
        self.check_length(path, source.lines)
        for found in re.finditer(rules.FORBIDDEN_IN_TYPES, source.code):
            self.fault(path, source.line_of(found.start()), f"{found[1]}: the old names live on the wire only")
        for line, name, _ in source.includes:
            if name.startswith("catch2/") and str(path) != "tests/support/catch.hpp":
                self.fault(path, line, 'Catch2 is included through "catch.hpp" only')
        for found in re.finditer(r'TEST_CASE\(\s*((?:"[^"\n]*"\s*)+)', source.uncommented):
            if ";" in found[1]:
                self.fault(path, source.line_of(found.start()), "a semicolon in its name hides a test from ctest")
        top = path.parts[0]
        if top in ("host", "client", "plugins", "sdk"):
            self.check_product(path, source)
        if top == "host":
            self.check_arrows(path, source)
        elif top == "client":
            self.check_client(path, source)
        elif top == "plugins" or path.parts[:2] == ("sdk", "example"):
            self.check_plugin(path, source)
        elif top == "sdk":
            self.check_sdk(path, source)

    def check_client(self, path, source):
        for line, name, _ in source.includes:
            target = self.resolve(path, name)
            if target is not None and not is_under(target, ["client/", "host/src/base/"]):
                self.fault(path, line, f'"{name}" is not for here: the client knows the host by its HTTP API only')

    def check_product(self, path, source):
        for line, name, _ in source.includes:
            for pattern, places, why in rules.INCLUDES:
                if re.fullmatch(pattern, name) and not is_under(path, places) and not self.excepted(path, name):
                    self.fault(path, line, f"<{name}> is not for here: {why}")
        if not is_under(path, ["host/spawner/"]):
            for line, call in process_calls(source):
                if not self.excepted(path, call):
                    self.fault(path, line, f"{call}() is not for here: processes are the spawner's")

    def excepted(self, path, what):
        return what in rules.EXCEPTIONS.get(str(path), ())

    def check_arrows(self, path, source):
        room = room_of(path)
        if room is None or room not in rules.ARROWS:
            self.fault(path, 1, f'the room "{room or path.parts[1]}" has no arrows in tests/house/rules.py')
            return
        for line, name, _ in source.includes:
            target = self.resolve(path, name)
            if target is None:
                if room in SPAWNER_ROOMS and re.match(r"(Poco|boost)/|[io]?o?stream$|fstream$|sstream$", name):
                    self.fault(path, line, f"<{name}> is too large for the spawner")
                continue
            there = room_of(target)
            if there is None:
                if target.parts[0] != "sdk":
                    self.fault(path, line, f"the host includes nothing of {target.parts[0]}/")
            elif there != room and there not in rules.ARROWS[room]:
                self.fault(path, line, f"{room} must not include {there} ({name})")
        if room in SPAWNER_ROOMS:
            self.check_small(path)

    def check_small(self, path):
        """What the spawner includes of base must not bring Poco with it."""
        seen, waiting = set(), [path]
        while waiting:
            for _, name, _ in self.source(waiting.pop()).includes:
                target = self.resolve(path, name)
                if target is not None and target not in seen:
                    seen.add(target)
                    waiting.append(target)
                    if any(re.match(r"(Poco|boost)/", inner) for _, inner, _ in self.source(target).includes):
                        self.fault(path, 1, f"{target} brings Poco or Boost into the spawner")

    def check_plugin(self, path, source):
        is_test = path.stem.endswith("_test")
        for line, name, _ in source.includes:
            target = self.resolve(path, name)
            if is_standard(name) or name.startswith("vx11/") or (is_test and name == "catch.hpp"):
                continue
            if target is None or target.parts[:2] != path.parts[:2]:
                self.fault(path, line, f"plugins include the SDK and the standard library only, not {name}")

    def check_sdk(self, path, source):
        if path.parts[:2] != ("sdk", "include"):
            return
        for line, name, _ in source.includes:
            allowed = name in rules.C_HEADERS or name.startswith("vx11/")
            if path.suffix == ".hpp":
                allowed = allowed or is_standard(name)
            if not allowed:
                self.fault(path, line, f"{name}: the SDK's C headers include the headers of C only")


def is_standard(name):
    """A header of C, C++ or POSIX: those of C++ have no suffix, those of C no folder but the kernel's own."""
    return re.fullmatch(r"[a-z_0-9]+|(?:(?:sys|linux|netinet|arpa)/)?[a-z_0-9]+\.h", name) is not None


def process_calls(source):
    """(line, function) for each call of a process function; methods and declarations of that name are others."""
    for found in re.finditer(rf"\b({rules.PROCESS_CALLS})\s*\(", source.code):
        before = source.code[:found.start()].rstrip()
        if before.endswith((".", "->")):
            continue
        if before.endswith("::"):
            if re.search(r"(\w|>)::$", before) and not before.endswith("std::"):
                continue
        word = re.search(r"(\w+)$", before)
        if word and word[1] not in ("return", "else", "do", "and", "or", "not"):
            continue
        if before.endswith((">", "*", "&")) and not before.endswith("&&"):
            continue
        yield source.line_of(found.start()), found[1]


def main():
    faults = House(pathlib.Path(sys.argv[1]).resolve()).check()
    print("\n".join(faults) if faults else "the house is in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

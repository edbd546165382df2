#!/usr/bin/env python3
"""Feeds the house check trees that break one rule each, and one that breaks none."""
import pathlib
import tempfile
import unittest

from check import House

IN_ORDER = {
    "host/src/main.cpp": '#include "daemon.hpp"\n',
    "host/src/main.hpp": "",
    "host/src/daemon.hpp": '#include "api/routes.hpp"\n#include "config/config.hpp"\n#include <Poco/Util/Option.h>\n',
    "host/src/lock_file.cpp": '#include "base/error.hpp"\n',
    "host/src/config/config.hpp": '#include "base/error.hpp"\n#include <string>\n',
    "host/src/base/error.hpp": "#include <stdexcept>\n",
    "host/src/base/json.hpp": "#include <Poco/JSON/Object.h>\n",
    "host/src/api/routes.hpp": '#include "http/router.hpp"\n#include "tasks/tasks.hpp"\n#include "store/rows.hpp"\n',
    "host/src/http/router.hpp": '#include "base/error.hpp"\n#include <Poco/Net/HTTPServer.h>\n',
    "host/src/tasks/tasks.hpp": '#include "spawner_client/client.hpp"\n#include "tasks/queue.hpp"\n',
    "host/src/tasks/queue.hpp": "",
    "host/src/store/rows.hpp": "#include <Poco/Data/Session.h>\n",
    "host/src/plugins/library.cpp": "#include <boost/dll/shared_library.hpp>\n#include <vx11/vx11.h>\n",
    "host/src/spawner_client/client.hpp": '#include "spawner/protocol.hpp"\nbool kill(const char* nonce);\n',
    "host/src/spawner_client/client.cpp": '#include "spawner_client/client.hpp"\n'
    "// never waitpid() here, nor kill(pid)\n"
    'const char* text = "fork() and // kill(1)"; const char* raw = R"(system("x"))"; int big = 1\'000\'000;\n'
    "bool Client::kill(const char* n) { client.kill(n); impl_->kill(n); return this->kill(n); }\n",
    "host/spawner/protocol.hpp": '#include "base/error.hpp"\n',
    "host/spawner/launch.hpp": "",
    "host/spawner/tree.hpp": "",
    "host/spawner/child.cpp": '#include "protocol.hpp"\n#include <spawn.h>\nvoid f() { ::kill(1, 9); waitid(P_ALL); }\n',
    "client/commands/ps.cpp": '#include <CLI/App.hpp>\n#include "base/error.hpp"\n#include "door.hpp"\n',
    "client/door.hpp": "#include <Poco/Net/HTTPClientSession.h>\n",
    "plugins/shell/shell.cpp": '#include <vx11/plugin.hpp>\n#include <string>\n#include "words.hpp"\n',
    "plugins/shell/words.hpp": "#include <string.h>\n#include <sys/types.h>\n",
    "sdk/include/vx11/vx11.h": "#include <stdint.h>\n#include <vx11/version.h>\n",
    "sdk/include/vx11/version.h": "",
    "sdk/include/vx11/plugin.hpp": "#include <vector>\n#include <vx11/vx11.h>\n",
    "tests/support/catch.hpp": "#include <catch2/catch.hpp>\n",
    "tests/unit/a_test.cpp": '#include "catch.hpp"\nvoid f() { kill(1, 9); }\n',
}


def faults_of(changes):
    """What the check says about the tree in order with these files put in."""
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder).resolve()
        for name, text in {**IN_ORDER, **changes}.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text, encoding="utf-8")
        return House(tree).check()


# Path, its content, what the one fault says.
BROKEN = [
    ("host/src/main.cpp", '#include "http/router.hpp"\n', "main must not include http"),
    ("host/src/api/a.cpp", '#include "config/config.hpp"\n', "api must not include config"),
    ("host/src/lock_file.cpp", '#include "main.hpp"\n', "daemon must not include main"),
    ("host/src/api/a.cpp", '#include "daemon.hpp"\n', "api must not include daemon"),
    ("host/src/tasks/a.cpp", '#include "http/router.hpp"\n', "tasks must not include http"),
    ("host/src/tasks/a.cpp", '#include "../api/routes.hpp"\n', "tasks must not include api"),
    ("host/src/policy/a.cpp", '#include "tasks/tasks.hpp"\n', "policy must not include tasks"),
    ("host/src/store/a.cpp", '#include "spawner_client/client.hpp"\n', "store must not include spawner_client"),
    ("host/src/base/a.cpp", '#include "store/rows.hpp"\n', "base must not include store"),
    ("host/src/http/a.cpp", '#include "tasks/queue.hpp"\n', "http must not include tasks"),
    ("host/src/tasks/a.cpp", '#include "spawner/protocol.hpp"\n', "tasks must not include protocol"),
    ("host/src/tasks/a.cpp", '#include "spawner/launch.hpp"\n', "tasks must not include launch"),
    ("host/src/spawner_client/a.cpp", '#include "spawner/tree.hpp"\n', "spawner_client must not include spawner"),
    ("host/spawner/launch.cpp", '#include "tree.hpp"\n', "launch must not include spawner"),
    ("host/src/cellar/a.cpp", "", 'the room "cellar" has no arrows'),
    ("host/src/base/a.cpp", '#include "../../../tests/support/catch.hpp"\n', "the host includes nothing of tests/"),
    ("host/src/api/a.cpp", "#include <Poco/Net/HTTPServerRequest.h>\n", "the front door is host/src/http alone"),
    ("host/src/tasks/a.cpp", "  #  include <Poco/Data/Session.h>\n", "SQL stays in host/src/store"),
    ("host/src/http/a.cpp", "#include <Poco/Util/ServerApplication.h>\n", "only the composition root"),
    ("host/src/tasks/a.cpp", "#include <Poco/Process.h>\n", "processes are the spawner's"),
    ("host/src/daemon.cpp", "#include <boost/dll/import.hpp>\n", "libraries are loaded in host/src/plugins only"),
    ("host/src/tasks/a.cpp", "#include <vx11/vx11.h>\n", "the SDK meets the host in host/src/plugins only"),
    ("host/src/tasks/a.cpp", "#include <sys/wait.h>\n", "processes are the spawner's"),
    ("host/src/tasks/a.cpp", "void f() { if (x) return ::kill(1, 9); }\n", "kill() is not for here"),
    ("host/src/tasks/a.cpp", "void f() { // why\n  waitpid(1, 0, 0); }\n", "a.cpp:2: waitpid() is not for here"),
    ("host/src/tasks/a.cpp", "auto n = 1'000; int p = fork();  // '\n", "fork() is not for here"),
    ("host/src/tasks/a.cpp", "void f() { std::system(c); }\n", "system() is not for here"),
    ("plugins/shell/a.cpp", "void f() { posix_spawn (0); }\n", "posix_spawn() is not for here"),
    ("host/spawner/a.cpp", '#include "tasks/queue.hpp"\n', "spawner must not include tasks"),
    ("host/spawner/a.cpp", '#include "base/json.hpp"\n', "brings Poco or Boost into the spawner"),
    ("host/spawner/a.cpp", "#include <iostream>\n", "too large for the spawner"),
    ("plugins/shell/a.cpp", '#include "base/error.hpp"\n', "plugins include the SDK and the standard library only"),
    ("plugins/bash/a.cpp", '#include "../shell/words.hpp"\n', "plugins include the SDK"),
    ("plugins/shell/a.cpp", "#include <Poco/JSON/Object.h>\n", "plugins include the SDK"),
    ("client/a.cpp", '#include "tasks/tasks.hpp"\n', "knows the host by its HTTP API only"),
    ("client/a.cpp", "#include <Poco/Data/Session.h>\n", "SQL stays in host/src/store"),
    ("client/a.cpp", "void f() { system(0); }\n", "processes are the spawner's"),
    ("sdk/example/a.cpp", '#include "base/error.hpp"\n', "plugins include the SDK"),
    ("sdk/include/vx11/a.h", "#include <string>\n", "headers of C only"),
    ("sdk/include/vx11/a.h", "#include <unistd.h>\n", "headers of C only"),
    ("sdk/include/vx11/a.hpp", "#include <boost/config.hpp>\n", "headers of C only"),
    ("tests/unit/b_test.cpp", "#include <catch2/catch.hpp>\n", 'through "catch.hpp" only'),
    ("tests/unit/b_test.cpp", '#include "catch.hpp"\nTEST_CASE(\n    "one "\n    "thing; another") {}\n',
     "b_test.cpp:2: a semicolon in its name"),
    ("host/src/api/a.cpp", "#include <sqlite3.h>\n", "SQL stays in host/src/store"),
    ("host/src/base/string_utils.hpp", "", '"utils" says nothing'),
    ("tests/helpers/a.py", "", '"helpers" says nothing'),
    ("packaging/common/readme", "", '"common" says nothing'),
    ("host/src/policy/window-manager.cpp", "", '"manager" says nothing'),
    ("plugins/madre/CMakeLists.txt", "", '"madre" says nothing'),
    ("host/src/base/a.hpp", "struct HijaRow {};\n", "HijaRow: the old names live on the wire only"),
    ("host/src/base/a.cpp", "\n" * 401, "401 lines are more than 400"),
    ("packaging/tool", "#!/bin/sh\n" * 401, "401 lines are more than 400"),
]


class HouseTest(unittest.TestCase):
    def test_a_tree_in_order_has_no_fault(self):
        self.assertEqual([], faults_of({}))

    def test_each_broken_rule_is_reported_with_its_file(self):
        for path, text, sentence in BROKEN:
            with self.subTest(path=path, text=text[:60]):
                faults = faults_of({path: text})
                self.assertEqual(1, len(faults), faults)
                self.assertTrue(faults[0].startswith(path + ":"), faults)
                self.assertIn(sentence, faults[0])


if __name__ == "__main__":
    unittest.main()

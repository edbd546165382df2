#include "interpreter.hpp"

#include "catch.hpp"

using vx11::client::taskTypeOf;

TEST_CASE("interpreter: the first line decides, then the extension") {
  CHECK(taskTypeOf("a.py", "#!/bin/bash\necho") == "bash");
  CHECK(taskTypeOf("a.py", "print(1)") == "python");
  CHECK(taskTypeOf("dir.d/a.sh", "echo") == "shell");
  CHECK(taskTypeOf("a.bash", "echo") == "bash");
  CHECK(taskTypeOf("a.pl", "") == "pl");
  CHECK(taskTypeOf("a.rb", "#!/usr/bin/ruby") == "ruby");
}

TEST_CASE("interpreter: first lines as people write them") {
  CHECK(taskTypeOf("", "#!/bin/sh\n") == "shell");
  CHECK(taskTypeOf("", "#! /bin/dash -e\n") == "shell");
  CHECK(taskTypeOf("", "#!/usr/bin/python3.11\n") == "python");
  CHECK(taskTypeOf("", "#!/usr/bin/env python3\r\n") == "python");
  CHECK(taskTypeOf("", "#!/usr/bin/env -S A=1 python3 -u\n") == "python");
  CHECK(taskTypeOf("", "#!bash") == "bash");
}

TEST_CASE("interpreter: where nothing says it, nothing is guessed") {
  for (const char* name : {"", "-", "script", ".profile", "dir.d/script", "a."}) {
    INFO(name);
    CHECK(taskTypeOf(name, "echo").empty());
  }
  CHECK(taskTypeOf("script", "#!").empty());
  CHECK(taskTypeOf("script", "#!/usr/bin/env").empty());
}

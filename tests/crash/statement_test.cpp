#include "statement.hpp"

#include "catch.hpp"

using namespace vx11::test;

namespace {

const std::vector<std::string> kIsolations{"walls", "none"};
const std::string kGood =
    "#!/bin/sh\n"
    "# does: Sleeps too long,\n"
    "#   and says so.\n"
    "# ttl: 2 s\n"
    "# walls: ERROR timeout, signal 15, tree empty, prints \"a, b\", within 4 s\n"
    "# none: not shown: it would wake others\n"
    "\n"
    "# more\n";

Statement read(const std::string& text) {
  return readStatement(text, kIsolations);
}

std::string with(const std::string& old, const std::string& other) {
  auto text = kGood;
  return text.replace(text.find(old), old.size(), other);
}

}  // namespace

TEST_CASE("a statement is read with its continued lines, its clauses, and why it is not shown") {
  const auto statement = read(kGood);
  CHECK(statement.does == "Sleeps too long, and says so.");
  CHECK(statement.ttl_seconds == 2);
  REQUIRE(statement.under.at("walls").all.size() == 1);
  const auto& ending = statement.under.at("walls").all[0];
  CHECK(ending.status == "ERROR");
  CHECK(ending.outcome == "timeout");
  CHECK_FALSE(ending.exit_code);
  CHECK(ending.signal == 15);
  CHECK(ending.tree_empty);
  CHECK(ending.out == "a, b\n");
  CHECK(ending.within_seconds == 4);
  CHECK(statement.under.at("none").not_shown == "it would wake others");
}

TEST_CASE("a program with numbers states an ending for each") {
  const auto statement = read(
      with("# walls: ", "# walls: for 0: DONE, exit 0, tree empty, prints nothing\n# walls: for 1-3 9: "));
  const auto& all = statement.under.at("walls").all;
  REQUIRE(all.size() == 2);
  CHECK(all[0].numbers.size() == 1);
  REQUIRE(all[1].numbers.size() == 2);
  CHECK(all[1].numbers[0].last == 3);
  CHECK(all[1].numbers[1].first == 9);
}

TEST_CASE("a statement that lacks anything, says it twice or cannot be understood is refused") {
  CHECK_NOTHROW(read(kGood));
  CHECK_THROWS(read(""));
  for (const std::string part : {"ERROR timeout, ", "signal 15, ", "tree empty, ", "prints \"a, b\", "})
    CHECK_THROWS(read(with(part, "")));
  CHECK_THROWS(read(with("# does: Sleeps too long,\n#   and says so.\n", "")));
  CHECK_THROWS(read(with("# none: not shown: it would wake others\n", "")));
  CHECK_THROWS(read(with("signal 15", "signal 15, exit 0")));
  CHECK_THROWS(read(with("signal 15", "signal TERM")));
  CHECK_THROWS(read(with("within 4 s", "soon")));
  CHECK_THROWS(read(with("# ttl: 2 s", "# ttl: long")));
  CHECK_THROWS(read(with("# ttl", "# colour")));
  CHECK_THROWS(read(with("# ttl", "#ttl")));
  CHECK_THROWS(read(with("# none", "# walls: DONE, exit 0, tree empty, prints nothing\n# none")));
}

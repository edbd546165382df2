#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <string>

#include "base/unique_fd.hpp"
#include "catch.hpp"

using namespace vx11;

TEST_CASE("log: a value cannot forge another field or another line") {
  CHECK(log::format("spawn.accepted", {{"trace_id", "a-1"}, {"pid", 5}}) ==
        "event=spawn.accepted trace_id=a-1 pid=5");
  CHECK(log::format("x", {{"v", "a b"}}) == "event=x v=\"a b\"");
  CHECK(log::format("x", {{"v", ""}}) == "event=x v=\"\"");
  CHECK(log::format("x", {{"v", "k=v"}}) == "event=x v=\"k=v\"");
  CHECK(log::format("x", {{"v", "a\nevent=forged"}}) == "event=x v=\"a\\nevent=forged\"");
  CHECK(log::format("x", {{"v", "\"\\\x1b"}}) == "event=x v=\"\\\"\\\\\\x1b\"");
}

TEST_CASE("log: a line goes to the descriptor in one piece, with time and level") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  log::setDescriptor(write_end.get());
  log::warning("door.overload", {{"connections", 3}});
  log::setDescriptor(STDERR_FILENO);
  std::array<char, 256> buffer{};
  const auto length = ::read(read_end.get(), buffer.data(), buffer.size());
  REQUIRE(length > 0);
  const std::string line(buffer.data(), static_cast<size_t>(length));
  CHECK(line.substr(26) == " warning event=door.overload connections=3\n");
}

#include "base/fault_point.hpp"

#ifdef VX11_FAULT_POINTS

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string_view>

#include "catch.hpp"

using namespace vx11;

TEST_CASE("fault point: names are distinct, and each finds its place") {
  const std::set<std::string_view> names(fault::kPoints.begin(), fault::kPoints.end());
  CHECK(names.size() == fault::kPoints.size());
  CHECK(fault::kPoints[fault::indexOf("end.after_commit")] == "end.after_commit");
}

TEST_CASE("fault point: without a table and without a fuse it only goes by") {
  REQUIRE(fault::table == nullptr);
  VX11_FAULT_POINT("store.before_commit");
  fault::Cell cell{};
  fault::strike(cell);
  fault::strike(cell);
  CHECK(cell.hits == 2);
  CHECK(cell.fuse == 0);
}

TEST_CASE("fault point: a fuse ends the process at its last hit, as kill -9 does") {
  const pid_t child = fork();
  if (child == 0) {
    fault::Cell cell{};
    cell.fuse = 2;
    fault::strike(cell);
    if (cell.fuse != 1) _exit(1);
    fault::strike(cell);
    _exit(2);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

#endif

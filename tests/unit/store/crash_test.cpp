#include <signal.h>
#include <sys/wait.h>

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("crash: after SIGKILL in the middle of commits every acknowledged row is there") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  std::vector<std::string> acknowledged;
  for (int round = 0; round < 5; ++round) {
    Process writer({VX11_STORE_PROBE, "commit", file.string(), "8"});
    for (int lines = 0; lines < 40 * (round + 1); ++lines)
      acknowledged.push_back(writer.readLine().substr(5));
    writer.kill(SIGKILL);
    // What it said before it died was acknowledged too. A line that it did not end does not count.
    for (std::string line = writer.readLine(); !line.empty(); line = writer.readLine()) {
      acknowledged.push_back(line.substr(5));
    }
    CHECK(WTERMSIG(writer.wait()) == SIGKILL);

    Database database({.file = file});
    size_t found = 0;
    database.read([&](ReadSession& session) {
      for (const std::string& uuid : acknowledged) {
        if (spawns::byUuid(session, uuid) && spawns::plan(session, uuid) == "plan of " + uuid) ++found;
      }
      CHECK(session.ask("PRAGMA integrity_check") == "ok");
      CHECK(session.ask("PRAGMA foreign_key_check").empty());
    });
    CHECK(found == acknowledged.size());
  }
  CHECK(acknowledged.size() >= 600);
}

}  // namespace vx11::store::test

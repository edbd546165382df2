// The spawner is killed, ended, or stopped; vx11d starts another and says what became of the work.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "catch.hpp"
#include "scene.hpp"
#include "spawner_processes.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Whatever the test does, a stopped process goes on at its end.
class Stopped {
 public:
  explicit Stopped(pid_t pid) : pid_(pid) { kill(pid_, SIGSTOP); }
  ~Stopped() { goOn(); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  void goOn() const { kill(pid_, SIGCONT); }

 private:
  pid_t pid_;
};

void checkInterrupted(const Answer& result) {
  CHECK(result.text("status") == "ERROR");
  CHECK(result.text("outcome") == "interrupted");
  CHECK_THAT(result.text("reason"), Contains("spawner"));
  CHECK(result.text("exit_code") == "null");
  CHECK(result.text("pid") == "null");
}

}  // namespace

TEST_CASE(
    "crash: when the spawner is killed its daughters die, their tasks are interrupted, and new ones run") {
  Daemon daemon({{"tasks.max_running", "2"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto one = post(daemon, ground.sign() + ground.waitFor("never"));
  const auto two = post(daemon, ground.sign() + ground.waitFor("never"));
  const auto waiting = post(daemon, ground.sign() + "echo third");
  const auto pid_one = runningPid(daemon, one);
  const auto pid_two = runningPid(daemon, two);
  REQUIRE(eventually([&] { return ground.ledger().size() == 2; }));
  const auto spawner = daemon.spawnerPid();
  kill(spawner, SIGKILL);
  checkInterrupted(finished(daemon, one));
  checkInterrupted(finished(daemon, two));
  CHECK(eventually([&] { return !alive(pid_one) && !alive(pid_two); }));
  // What had not been started runs, and by a spawner that came by itself.
  CHECK(finished(daemon, waiting).text("stdout") == "third\n");
  CHECK(daemon.spawnerPid() != spawner);
  CHECK(finished(daemon, post(daemon, "echo new")).text("stdout") == "new\n");
  CHECK(ground.ledger().size() == 3);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: host and spawner killed at once leave nothing pending, running or alive") {
  Daemon daemon({{"tasks.max_running", "1"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto running = post(daemon, ground.sign() + "setsid sh -c 'echo $$ >> " + (ground / "pids").string() +
                                        "; sleep 1000' & " + ground.waitFor("never"));
  const auto waiting = post(daemon, ground.sign() + "echo waited");
  const auto pid = runningPid(daemon, running);
  REQUIRE(eventually([&] { return ground.lines("pids").size() == 1; }));
  const auto runaway = static_cast<pid_t>(std::stol(ground.lines("pids")[0]));
  const auto spawner = daemon.spawnerPid();
  kill(spawner, SIGKILL);
  daemon.kill9();
  daemon.start();
  checkInterrupted(finished(daemon, running));
  CHECK(finished(daemon, waiting).text("stdout") == "waited\n");
  CHECK(eventually([&] { return !alive(pid); }));
  if (geteuid() == 0) {
    // Its user id tells the next spawner whose it was; without own user ids nobody can know.
    CHECK(eventually([&] { return !alive(runaway); }));
  } else {
    kill(runaway, SIGKILL);
  }
  CHECK(ground.ledger().size() == 2);
  checkNothingStuck(daemon);
}

TEST_CASE(
    "crash: a spawner that is told to end ends its daughters, and they are interrupted with its reason") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.sign() + "echo so far; " + ground.waitFor("never"));
  const auto pid = runningPid(daemon, id);
  REQUIRE(eventually([&] { return ground.ledger().size() == 1; }));
  const auto spawner = daemon.spawnerPid();
  kill(spawner, SIGTERM);
  const auto result = finished(daemon, id);
  CHECK(result.text("outcome") == "interrupted");
  CHECK(result.text("reason") != "null");
  CHECK(result.text("stdout") == "so far\n");
  CHECK_FALSE(alive(pid));
  CHECK(finished(daemon, post(daemon, "echo new")).text("stdout") == "new\n");
  CHECK(daemon.spawnerPid() != spawner);
  checkNothingStuck(daemon);
}

TEST_CASE(
    "crash: what a killed spawner had written of a task's output is in the result, and nothing stays "
    "behind") {
  Daemon daemon({{"tasks.inline_output_bytes", "1000"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto wordy = post(daemon, "head -c 300000 /dev/zero | tr '\\0' x; " + ground.waitFor("never"));
  const auto silent = post(daemon, "echo 'not enough for the disk'; " + ground.waitFor("never"));
  const auto kept = [&](const char* what) {
    return SqliteReader(daemon.database())
        .value("SELECT " + std::string(what) +
               " FROM spawn_attempts a JOIN spawns s ON s.uuid = a.spawn_uuid " + "WHERE s.name = '" + wordy +
               "'");
  };
  runningPid(daemon, silent);
  runningPid(daemon, wordy);
  const auto file = daemon.stateDirectory() / "spool" / (kept("nonce") + ".out");
  REQUIRE(eventually([&] {
    std::error_code none;
    return std::filesystem::file_size(file, none) == 300'000;
  }));
  kill(daemon.spawnerPid(), SIGKILL);
  const auto result = finished(daemon, wordy);
  checkInterrupted(result);
  CHECK(result.text("stdout") == std::string(1000, 'x'));
  CHECK(result.text("stdout_bytes") == "300000");
  CHECK(kept("s.stdout_file") == file.filename());
  CHECK(result.json()->getObject("truncated")->getValue<bool>("stdout"));
  CHECK_THAT(result.text("reason"), Contains("; its output is what had been written to the disk by then"));
  const auto other = finished(daemon, silent);
  checkInterrupted(other);
  CHECK(other.text("stdout_bytes") == "0");
  CHECK_THAT(other.text("reason"), !Contains("output"));
}

TEST_CASE("crash: while the spawner is stopped posts are accepted, and they run when it goes on") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const Stopped stopped(daemon.spawnerPid());
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(post(daemon, ground.sign() + "echo " + std::to_string(i)));
  CHECK(daemon.http().get("/health").status == 200);
  CHECK(daemon.http().get("/vx11/result/" + ids[0]).text("finished_at") == "null");
  CHECK(ground.ledger().empty());
  stopped.goOn();
  for (size_t i = 0; i < ids.size(); ++i) {
    CHECK(finished(daemon, ids[i]).text("stdout") == std::to_string(i) + "\n");
  }
  CHECK(ground.ledger().size() == 30);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a host whose spawner is stopped still ends in time, and the next one takes the tasks up") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const Stopped stopped(daemon.spawnerPid());
  const auto id = post(daemon, ground.sign() + "echo late");
  const auto began = std::chrono::steady_clock::now();
  CHECK(daemon.terminate() == 0);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(6 * kSlowness));
  stopped.goOn();
  daemon.start();
  CHECK(finished(daemon, id).text("stdout") == "late\n");
  CHECK(ground.ledger().size() == 1);
  checkNothingStuck(daemon);
}

#include "fixture.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.hpp"
#include "catch.hpp"

extern char** environ;

namespace vx11::store::test {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "vx11-store-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Fixture::ask(const std::string& sql) {
  return ReadSession(file, std::chrono::seconds(5)).ask(sql);
}

SpawnRow sampleSpawn() {
  SpawnRow row;
  row.uuid = newUuid();
  row.name = spawnIdOf(row.uuid);
  row.cmd = "/usr/bin/python3 -u main.py 'a b'";
  row.correlation_id = "cid:" + row.uuid;
  row.task_type = "python";
  row.ttl_seconds = 120;
  row.max_retries = 3;
  row.user_id = "ana";
  row.label = "nightly señal";
  row.metadata_json = R"({"k":"v"})";
  row.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  row.host_id = "host-1";
  row.created_at = wallFromMicros(1'767'315'349'253'550);
  return row;
}

SpawnEnd sampleEnd() {
  SpawnEnd end;
  end.status = spawn_status::kFailed;
  end.outcome = "failed";
  end.reason = "It exited with 3.";
  end.started_at = wallFromMicros(1'767'315'349'300'001);
  end.ended_at = wallFromMicros(1'767'315'350'000'002);
  end.exit_code = 3;
  end.signal = 15;
  end.duration_ms = 700;
  end.user_ms = 11;
  end.system_ms = 12;
  end.max_rss_kb = 5'000'000'000;
  end.out = "uno\ndos ñ\n";
  end.err = "error\n";
  end.out_bytes = 6'000'000'000;
  end.err_bytes = 6;
  end.out_file = "a.out";
  end.err_file = "a.err";
  end.tree_empty = false;
  return end;
}

AttemptRow sampleAttempt(const std::string& spawn_uuid, int attempt) {
  AttemptRow row;
  row.spawn_uuid = spawn_uuid;
  row.attempt = attempt;
  row.nonce = newUuid();
  row.host_id = "host-1";
  row.executor = "local";
  row.executor_instance = "instance-1";
  row.boot_id = bootId();
  row.status = "starting";
  row.created_at = wallFromMicros(1'767'315'349'253'560);
  return row;
}

RoutingEventRow sampleEvent(const std::string& trace_id) {
  RoutingEventRow row;
  row.timestamp = wallFromMicros(1'767'315'349'253'570);
  row.trace_id = trace_id;
  row.route_type = "spawn";
  row.provider_id = "spawner";
  row.score = 1.0;
  row.reasoning_short = "Daughter spawn: spawn-0f4bfb1a";
  return row;
}

UsageRow sampleUsage(const std::string& trace_id) {
  UsageRow row;
  row.provider_id = "spawner:python";
  row.timestamp = wallFromMicros(1'767'315'350'000'003);
  row.success = false;
  row.latency_ms = 700;
  row.cost_estimated = 0.25;
  row.tokens_estimated = 42;
  row.error_class = "failed";
  row.trace_id = trace_id;
  row.attempt = 2;
  return row;
}

Process::Process(const std::vector<std::string>& arguments) {
  int to[2];
  int from[2];
  REQUIRE(pipe2(to, O_CLOEXEC) == 0);
  REQUIRE(pipe2(from, O_CLOEXEC) == 0);
  input_.reset(to[1]);
  output_.reset(from[0]);
  const UniqueFd child_input(to[0]);
  const UniqueFd child_output(from[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_output.get(), STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE(error == 0);
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

std::string Process::readLine() {
  for (;;) {
    const auto end = buffered_.find('\n');
    if (end != std::string::npos) {
      const std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      return line;
    }
    char chunk[4096];
    const ssize_t got = ::read(output_.get(), chunk, sizeof chunk);
    if (got <= 0) return {};
    buffered_.append(chunk, static_cast<size_t>(got));
  }
}

void Process::write(const std::string& text) {
  REQUIRE(::write(input_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void Process::kill(int signal) {
  ::kill(pid_, signal);
}

int Process::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

std::string sqlite3(const std::filesystem::path& file, const std::string& sql) {
  Process shell({"sqlite3", "-readonly", "-batch", "-header", "-cmd", ".timeout 5000", file.string(), sql});
  std::string printed;
  for (std::string line = shell.readLine(); !line.empty(); line = shell.readLine()) printed += line + "\n";
  INFO(sql);
  CHECK(shell.wait() == 0);
  return printed;
}

}  // namespace vx11::store::test

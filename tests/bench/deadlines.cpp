#include "deadlines.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "figures.hpp"
#include "http_connection.hpp"

namespace vx11::bench {

namespace {

constexpr int kTree = 200;

// Microseconds since 1970 of a member like "started_at":"2026-11-23T01:02:03.456789".
int64_t timeIn(const std::string& answer, const std::string& member) {
  const std::string start = "\"" + member + "\":\"";
  const auto at = answer.find(start);
  if (at == std::string::npos) throw std::runtime_error("no " + member + " in " + answer);
  tm parts{};
  const char* rest = strptime(answer.c_str() + at + start.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  if (rest == nullptr) throw std::runtime_error("no time in " + answer);
  return timegm(&parts) * 1'000'000LL + std::strtol(rest, nullptr, 10);
}

double milliseconds(int64_t micros) {
  return static_cast<double>(micros) / 1e3;
}

int64_t now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

// Each call of `sample` takes about a second: `together` of them at a time.
template <class Sample>
std::vector<double> collect(int count, int together, Sample sample) {
  std::vector<double> all;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < together; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < count / together; ++j) {
        const double value = sample();
        const std::lock_guard lock(mutex);
        all.push_back(value);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return all;
}

std::string runToTheEnd(HttpConnection& connection, const std::string& code) {
  auto answer = connection.post("/vx11/spawn?wait=60",
                                R"({"task_type":"shell","ttl_seconds":1,"code":")" + code + "\"}");
  if (answer.find("\"timeout\"") == std::string::npos)
    throw std::runtime_error("it did not reach its ttl: " + answer);
  return answer;
}

}  // namespace

std::vector<double> ttlLateness(const Door& door, int count, int together) {
  return collect(count, together, [&door] {
    HttpConnection connection(door.port, door.token);
    const auto answer = runToTheEnd(connection, "exec sleep 60");
    return milliseconds(timeIn(answer, "finished_at") - timeIn(answer, "started_at")) - 1000;
  });
}

std::vector<double> sleepLateness(int count, int together) {
  return collect(count, together, [] {
    const auto start = Clock::now();
    std::this_thread::sleep_for(std::chrono::seconds(1));  // it is what is measured
    return millisecondsSince(start) - 1000;
  });
}

std::vector<double> treeEndings(const Door& door, int count) {
  HttpConnection connection(door.port, door.token);
  const std::string code = "trap '' TERM; for i in $(seq " + std::to_string(kTree / 2) +
                           "); do setsid sleep 60 & sleep 60 & done; echo ready; exec sleep 60";
  std::vector<double> all;
  for (int i = 0; i < count; ++i) {
    const auto answer = runToTheEnd(connection, code);
    const auto read = now();
    if (answer.find("ready") == std::string::npos || answer.find("\"tree_empty\":true") == std::string::npos)
      throw std::runtime_error("not a whole tree: " + answer);
    all.push_back(milliseconds(read - timeIn(answer, "started_at")) - 1000);
  }
  return all;
}

std::vector<double> bareTreeEndings(int count) {
  std::vector<double> all;
  posix_spawnattr_t group;
  posix_spawnattr_init(&group);
  posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
  for (int i = 0; i < count; ++i) {
    std::vector<pid_t> pids;
    for (int j = 0; j < kTree; ++j) {
      posix_spawnattr_setpgroup(&group, pids.empty() ? 0 : pids.front());
      std::array<char*, 3> argv{const_cast<char*>("sleep"), const_cast<char*>("60"), nullptr};
      pid_t pid = 0;
      if (posix_spawn(&pid, "/bin/sleep", nullptr, &group, argv.data(), environ) != 0)
        throw std::runtime_error("cannot start a bare process");
      pids.push_back(pid);
    }
    const auto start = Clock::now();
    kill(-pids.front(), SIGKILL);
    for (const pid_t pid : pids) waitpid(pid, nullptr, 0);
    all.push_back(millisecondsSince(start));
  }
  posix_spawnattr_destroy(&group);
  return all;
}

}  // namespace vx11::bench

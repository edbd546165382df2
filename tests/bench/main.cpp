// Starts the real vx11d of this build and measures it against what the machine itself needs, alternating, in
// one run.
//   vx11_bench [ROUNDS [PART [key=value]...]]
// 400 rounds and all parts but endurance by default. Parts: memory, latency, throughput, queue, crowd,
// deadlines, restarts, streams, lookups, endurance (ten minutes). The settings are for vx11d.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "daemon.hpp"
#include "deadlines.hpp"
#include "figures.hpp"
#include "history.hpp"
#include "http_connection.hpp"
#include "load.hpp"
#include "streams.hpp"
#include "wait.hpp"
#include "yardsticks.hpp"

namespace vx11::bench {

namespace {

constexpr const char* kTask = R"({"task_type":"shell","ttl_seconds":60,"code":"echo TASK1_OK"})";

Door doorOf(const test::Daemon& daemon) {
  return {daemon.port(), daemon.token()};
}

void latency(test::Daemon& daemon, int rounds) {
  HttpConnection client(daemon.port(), daemon.token());
  std::vector<double> bare;
  std::vector<double> sync;
  std::vector<double> task;
  for (int i = 0; i < rounds; ++i) {
    bare.push_back(bareSpawn());
    sync.push_back(fdatasyncOf40Kilobytes(daemon.stateDirectory()));
    const auto start = Clock::now();
    const auto answer = client.post("/vx11/spawn?wait=10", kTask);
    task.push_back(millisecondsSince(start));
    if (answer.find("TASK1_OK") == std::string::npos) throw std::runtime_error("wrong answer: " + answer);
  }
  const double floor = median(bare) + 2 * median(sync);
  printRow("bare posix_spawn + capture + wait, median", format(median(bare), "ms", 3));
  printRow("fdatasync of 40 kB, median", format(median(sync), "ms", 3));
  printRow("POST /vx11/spawn?wait=10, one client, median", format(median(task), "ms", 3));
  printRow("POST /vx11/spawn?wait=10, one client, p99", format(quantile(task, 0.99), "ms", 3));
  printRow("  over bare + 2 fdatasync", format(median(task) - floor, "ms", 3), "at most 0.8 ms");
  printRow("  ratio to bare", format(median(task) / median(bare), "", 2), "long-term 1.25");
}

void throughput(const Door& door, int count) {
  std::vector<double> ratios;
  std::vector<double> bare;
  std::vector<double> tasks;
  for (int round = 0; round < 5; ++round) {
    bare.push_back(bareRate(count, 2));
    tasks.push_back(finishedRate(door, count, 8));
    ratios.push_back(tasks.back() / bare.back());
  }
  printRow("bare spawns per second, 2 threads, median of 5", format(median(bare), "/s", 0));
  printRow("finished tasks per second, 8 clients, median of 5", format(median(tasks), "/s", 0));
  printRow("  ratio to bare, pair by pair", format(median(ratios), "", 2), "at least 0.50");
}

// In memory, as a default installation has it: the fixture's own lies beside the database.
// "key=value" from the command line, for each vx11d.
std::vector<std::string> settings_of_all;

class MeasuredDaemon : public test::Daemon {
 public:
  explicit MeasuredDaemon(std::initializer_list<std::pair<std::string, std::string>> settings = {})
      : Daemon(settings), tasks_("/dev/shm/vx11-bench-" + directory().filename().string()) {
    set("tasks.directory", tasks_);
    for (const auto& setting : settings_of_all) {
      addArgument("--set");
      addArgument(setting);
    }
    start();
    openWindow("spawner");
  }
  ~MeasuredDaemon() {
    terminate();
    std::error_code ignored;
    std::filesystem::remove_all(tasks_, ignored);
  }

 private:
  const std::filesystem::path tasks_;
};

void crowd() {
  MeasuredDaemon daemon{{"tasks.max_running", "1000"}};
  const auto cost = crowdCost(doorOf(daemon), daemon.pid(), 500, 500);
  printRow("GET /health alone, median", format(cost.health_alone_ms, "ms", 3));
  printRow("GET /health beside 500 in ?wait=60 and 500 idle, median", format(cost.health_ms, "ms", 3));
  printRow("  delay", format(cost.health_ms - cost.health_alone_ms, "ms", 3), "at most 5 ms");
  printRow("  memory of the 1,000 connections", format(cost.megabytes, "MB", 1), "at most 100 MB");
}

void queue() {
  constexpr int kQueued = 10'000;
  MeasuredDaemon daemon{{"tasks.max_running", "1"}};
  HttpConnection client(daemon.port(), daemon.token());
  client.post("/vx11/spawn", R"({"task_type":"shell","ttl_seconds":600,"code":"sleep 300"})");
  test::eventually(
      [&] { return client.get("/vx11/status").find("\"tasks_running\":1") != std::string::npos; });
  const double rate = acceptedRate(doorOf(daemon), kQueued, 32);
  printRow("accepted tasks per second, 32 clients, nothing finishes", format(rate, "/s", 0),
           "at least 5,000/s");
  printRow("vx11d with 10,000 queued", format(residentMegabytes(daemon.pid()), "MB", 1), "at most 60 MB");
}

void deadlines() {
  constexpr int kTogether = 20;
  const auto row = [](const std::string& name, const std::vector<double>& samples, const std::string& goal) {
    printRow(name + ", median", format(median(samples), "ms", 1));
    printRow(name + ", p99", format(quantile(samples, 0.99), "ms", 1), goal);
  };
  MeasuredDaemon daemon{{"tasks.kill_grace_seconds", "0"}};
  row("a second of sleep in 20 threads, too late by", sleepLateness(200, kTogether), "");
  row("a TTL of a second, 20 tasks at a time, too late by", ttlLateness(doorOf(daemon), 200, kTogether),
      "at most 20 ms");
  row("200 bare processes of one group, killed and reaped", bareTreeEndings(40), "");
  row("a tree of 200 from its deadline to the answer", treeEndings(doorOf(daemon), 40), "at most 50 ms");
}

// Milliseconds until it listens again after SIGTERM or kill -9.
double restartTime(test::Daemon& daemon, bool killed) {
  if (killed)
    daemon.kill9();
  else
    daemon.terminate();
  const auto start = Clock::now();
  daemon.start();
  return millisecondsSince(start);
}

void restarts() {
  constexpr int kRows = 100'000;
  constexpr int kLiving = 200;
  MeasuredDaemon daemon;
  const auto row = [&daemon](const std::string& name, const std::string& goal) {
    std::vector<double> stopped;
    std::vector<double> killed;
    for (int i = 0; i < 5; ++i) {
      stopped.push_back(restartTime(daemon, false));
      killed.push_back(restartTime(daemon, true));
    }
    printRow(name + ", SIGTERM", format(median(stopped), "ms", 0), goal);
    printRow(name + ", kill -9", format(median(killed), "ms", 0), goal);
  };
  HttpConnection(daemon.port(), daemon.token()).post("/vx11/spawn?wait=10", kTask);
  row("start to READY, one row, nothing runs", "");
  daemon.terminate();
  multiplyHistory(daemon.database(), kRows);
  daemon.start();
  {
    HttpConnection client(daemon.port(), daemon.token());
    for (int i = 0; i < kLiving; ++i)
      client.post("/vx11/spawn", R"({"task_type":"shell","ttl_seconds":600,"code":"exec sleep 300"})");
    const auto all = "\"tasks_running\":" + std::to_string(kLiving);
    test::eventually([&] { return client.get("/vx11/status").find(all) != std::string::npos; });
  }
  row("start to READY, 100,000 rows, 200 daughters", "at most 2 s");
}

void streams() {
  constexpr int kLines = 1'000;
  MeasuredDaemon daemon;
  const auto row = [](const std::string& name, const std::vector<double>& samples, const std::string& goal) {
    printRow(name + ", median", format(median(samples), "ms", 3));
    printRow(name + ", p99", format(quantile(samples, 0.99), "ms", 3), goal);
  };
  row("a line over a pipe of our own, too late by", pipeLateness(kLines), "");
  row("a line on the stream of a task, too late by", streamLateness(daemon, kLines), "at most 20 ms");
  const auto readers = readersCost(daemon, 200, 1'000);
  printRow("POST /vx11/spawn alone, median", format(readers.alone_ms, "ms", 3));
  printRow("POST /vx11/spawn beside 200 streams and 1,000 idle, median", format(readers.beside_ms, "ms", 3));
  printRow("  delay", format(readers.beside_ms - readers.alone_ms, "ms", 3), "at most 5 ms");
  const auto client = clientCost(daemon, 50);
  printRow("curl with POST /vx11/spawn?wait=10, the whole process", format(client.curl_ms, "ms", 3));
  printRow("vx11 run of the same", format(client.vx11_ms, "ms", 3));
  printRow("  over curl", format(client.vx11_ms - client.curl_ms, "ms", 3), "at most 15 ms");
}

// Milliseconds of each of `rounds` requests for one of `paths`, in turn.
std::vector<double> requestTimes(const Door& door, const std::vector<std::string>& paths, int rounds) {
  HttpConnection client(door.port, door.token);
  std::vector<double> samples;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    client.get(paths[static_cast<size_t>(i) % paths.size()]);
    samples.push_back(millisecondsSince(start));
  }
  return samples;
}

void lookups() {
  constexpr int kRows = 1'000'000;
  constexpr int kRounds = 1'000;
  MeasuredDaemon daemon;
  const auto row = [](const std::string& name, const std::vector<double>& samples, const std::string& goal) {
    printRow(name + ", median", format(median(samples), "ms", 3));
    printRow(name + ", p99", format(quantile(samples, 0.99), "ms", 3), goal);
  };
  HttpConnection(daemon.port(), daemon.token()).post("/vx11/spawn?wait=10", kTask);
  daemon.terminate();
  multiplyHistory(daemon.database(), kRows);
  daemon.start();
  std::vector<std::string> results;
  std::vector<std::string> pages;
  std::string cursor;
  // The first twenty thousand, page by page.
  for (int i = 0; i < 20; ++i) {
    HttpConnection client(daemon.port(), daemon.token());
    const auto page = client.get("/vx11/spawns?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor));
    const auto id = page.find("spawn-");
    results.push_back("/vx11/result/" + page.substr(id, page.find('"', id) - id));
    pages.push_back("/vx11/spawns?limit=100" + (cursor.empty() ? "" : "&cursor=" + cursor));
    constexpr std::string_view kCursor = "\"next_cursor\":\"";
    const auto next = page.find(kCursor) + kCursor.size();
    cursor = page.substr(next, page.find('"', next) - next);
  }
  row("GET /health", requestTimes(doorOf(daemon), {"/health"}, kRounds), "");
  row("GET /vx11/result, a million rows", requestTimes(doorOf(daemon), results, kRounds), "at most 2 ms");
  row("GET /vx11/spawns, 100 of a million rows", requestTimes(doorOf(daemon), pages, kRounds),
      "at most 10 ms");
}

size_t descriptorsOf(int pid) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    ++count;
  return count;
}

void endurance() {
  MeasuredDaemon daemon;
  const auto look = [&daemon](const std::string& when) {
    const auto wal = std::filesystem::file_size(daemon.database().string() + "-wal");
    printRow("vx11d after " + when, format(residentMegabytes(daemon.pid()), "MB", 1));
    printRow("  descriptors", format(static_cast<double>(descriptorsOf(daemon.pid())), "", 0));
    printRow("vx11-spawner after " + when, format(residentMegabytes(daemon.spawnerPid()), "MB", 1));
    printRow("  descriptors", format(static_cast<double>(descriptorsOf(daemon.spawnerPid())), "", 0));
    printRow("WAL after " + when, format(static_cast<double>(wal) / 1e6, "MB", 1));
  };
  finishedRate(doorOf(daemon), 5'000, 8);
  look("5,000 tasks");
  finishedRate(doorOf(daemon), 195'000, 8);
  look("200,000 tasks");
}

void memory(test::Daemon& daemon, const std::string& when, const std::string& host_goal = {},
            const std::string& spawner_goal = {}) {
  printRow("vx11d resident, " + when, format(residentMegabytes(daemon.pid()), "MB", 1), host_goal);
  printRow("vx11-spawner resident, " + when, format(residentMegabytes(daemon.spawnerPid()), "MB", 1),
           spawner_goal);
}

int run(int rounds, const std::string& part) {
  constexpr std::array<std::string_view, 11> kParts{"",        "memory",  "latency",   "throughput",
                                                    "queue",   "crowd",   "deadlines", "restarts",
                                                    "streams", "lookups", "endurance"};
  if (std::find(kParts.begin(), kParts.end(), part) == kParts.end())
    throw std::runtime_error("there is no part \"" + part + "\"");
  const auto wanted = [&](const char* name) { return part.empty() || part == name; };
  printRow("figure", "value", "goal");
  printRow("---", "---:", "---");
  if (wanted("memory") || wanted("latency") || wanted("throughput")) {
    MeasuredDaemon daemon;
    if (wanted("memory")) memory(daemon, "idle", "at most 30 MB", "at most 3 MB");
    if (wanted("latency")) latency(daemon, rounds);
    if (wanted("throughput")) throughput(doorOf(daemon), rounds * 4);
    if (part.empty()) memory(daemon, "after the load");
  }
  if (wanted("queue")) queue();
  if (wanted("crowd")) crowd();
  if (wanted("deadlines")) deadlines();
  if (wanted("restarts")) restarts();
  if (wanted("streams")) streams();
  if (wanted("lookups")) lookups();
  if (part == "endurance") endurance();  // ten minutes: only when asked for
  return 0;
}

}  // namespace
}  // namespace vx11::bench

int main(int argc, char** argv) {
  try {
    for (int i = 3; i < argc; ++i) vx11::bench::settings_of_all.emplace_back(argv[i]);
    return vx11::bench::run(argc > 1 ? atoi(argv[1]) : 400, argc > 2 ? argv[2] : "");
  } catch (const std::exception& failure) {
    fprintf(stderr, "vx11_bench: %s\n", failure.what());
    return 1;
  }
}

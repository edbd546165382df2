#include "streams.hpp"

#include <cstdio>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>

#include "event_stream.hpp"
#include "figures.hpp"
#include "http_connection.hpp"
#include "process.hpp"

namespace vx11::bench {

namespace {

// Each line is the time at which it is written, in nanoseconds of CLOCK_MONOTONIC, which Clock is.
std::string writer(int lines) {
  return "import time\nfor i in range(" + std::to_string(lines) +
         "):\n  print(time.clock_gettime_ns(time.CLOCK_MONOTONIC), flush=True)\n  time.sleep(0.005)\n";
}

// Takes lines as they come, in pieces of any size.
class Lateness {
 public:
  void take(const std::string& bytes) {
    const auto now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
    pending_ += bytes;
    for (size_t end = 0; (end = pending_.find('\n')) != std::string::npos; pending_.erase(0, end + 1))
      samples.push_back(static_cast<double>(now - std::stoll(pending_.substr(0, end))) / 1e6);
  }
  std::vector<double> samples;

 private:
  std::string pending_;
};

std::string idIn(const std::string& answer) {
  const auto at = answer.find("spawn-");
  if (at == std::string::npos) throw std::runtime_error("no task: " + answer);
  return answer.substr(at, answer.find('"', at) - at);
}

std::string escaped(std::string code) {
  for (size_t at = 0; (at = code.find('\n', at)) != std::string::npos; at += 2) code.replace(at, 1, "\\n");
  return code;
}

std::string submit(const test::Daemon& daemon, const std::string& type, const std::string& code) {
  HttpConnection client(daemon.port(), daemon.token());
  return idIn(
      client.post("/vx11/spawn", R"({"task_type":")" + type + R"(","code":")" + escaped(code) + "\"}"));
}

double medianSubmission(const test::Daemon& daemon) {
  constexpr int kRounds = 200;
  HttpConnection client(daemon.port(), daemon.token());
  std::vector<double> samples;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = Clock::now();
    client.post("/vx11/spawn", R"({"task_type":"shell","code":"true"})");
    samples.push_back(millisecondsSince(start));
  }
  return median(samples);
}

double commandTime(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env) {
  const auto start = Clock::now();
  const auto result = test::runCommand(argv, env);
  if (result.exit_status != 0) throw std::runtime_error(argv.front() + ": " + result.err);
  return millisecondsSince(start);
}

}  // namespace

std::vector<double> streamLateness(const test::Daemon& daemon, int lines) {
  test::EventStream stream(daemon, "/vx11/spawns/" + submit(daemon, "python", writer(lines)) + "/stream");
  Lateness lateness;
  while (const auto event = stream.next())
    if (event->name == "stdout") lateness.take(test::bytesOf(*event));
  return lateness.samples;
}

std::vector<double> pipeLateness(int lines) {
  const std::string command = "python3 -c '" + writer(lines) + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  Lateness lateness;
  char line[64];
  while (fgets(line, sizeof line, pipe.get()) != nullptr) lateness.take(line);
  return lateness.samples;
}

ReadersCost readersCost(const test::Daemon& daemon, int readers, int idle) {
  ReadersCost cost;
  cost.alone_ms = medianSubmission(daemon);
  std::list<HttpConnection> crowd;
  for (int i = 0; i < idle; ++i) crowd.emplace_back(daemon.port(), daemon.token()).get("/health");
  const auto id = submit(daemon, "shell", "while sleep 0.05; do echo tick; done");
  std::list<test::EventStream> streams;
  for (int i = 0; i < readers; ++i) streams.emplace_back(daemon, "/vx11/spawns/" + id + "/stream");
  std::list<std::thread> threads;
  for (auto& stream : streams) {
    threads.emplace_back([&stream] {
      while (stream.next()) continue;
    });
  }
  cost.beside_ms = medianSubmission(daemon);
  HttpConnection(daemon.port(), daemon.token()).post("/vx11/spawns/" + id + "/cancel", "{}");
  for (auto& thread : threads) thread.join();
  return cost;
}

ClientCost clientCost(const test::Daemon& daemon, int rounds) {
  const auto url = "http://127.0.0.1:" + std::to_string(daemon.port());
  const std::map<std::string, std::string> env{{"VX11_URL", url}, {"VX11_TOKEN", daemon.token()}};
  std::vector<double> curl;
  std::vector<double> vx11;
  for (int i = 0; i < rounds; ++i) {
    curl.push_back(commandTime(
        {"curl", "-sS", "-H", "X-VX11-Token: " + daemon.token(), "-H", "Content-Type: application/json", "-d",
         R"({"task_type":"shell","code":"true"})", url + "/vx11/spawn?wait=10"},
        {}));
    vx11.push_back(commandTime({VX11_CLIENT_BINARY, "run", "--type", "shell", "--code", "true"}, env));
  }
  return {median(curl), median(vx11)};
}

}  // namespace vx11::bench

#include "load.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "figures.hpp"
#include "http_connection.hpp"
#include "yardsticks.hpp"

namespace vx11::bench {

namespace {

std::string taskBody(const std::string& code) {
  return R"({"task_type":"shell","ttl_seconds":600,"code":")" + code + "\"}";
}

double rate(const Door& door, int count, int clients, const std::string& path, const std::string& expected) {
  std::atomic<int> next{0};
  std::atomic<int> wrong{0};
  const auto body = taskBody(kCommand);
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&] {
      HttpConnection connection(door.port, door.token);
      while (next.fetch_add(1) < count) {
        if (connection.post(path, body).find(expected) == std::string::npos) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const double taken = millisecondsSince(start);
  if (wrong > 0) throw std::runtime_error(std::to_string(wrong) + " answers without " + expected);
  return count / taken * 1e3;
}

double healthMedian(const Door& door) {
  HttpConnection connection(door.port, door.token);
  std::vector<double> samples;
  for (int i = 0; i < 200; ++i) {
    const auto start = Clock::now();
    connection.get("/health");
    samples.push_back(millisecondsSince(start));
  }
  return median(samples);
}

}  // namespace

double finishedRate(const Door& door, int count, int clients) {
  return rate(door, count, clients, "/vx11/spawn?wait=10", "\"DONE\"");
}

double acceptedRate(const Door& door, int count, int clients) {
  return rate(door, count, clients, "/vx11/spawn", "\"QUEUED\"");
}

Crowd crowdCost(const Door& door, int pid, int waiters, int idle) {
  Crowd crowd;
  crowd.health_alone_ms = healthMedian(door);
  const double before = residentMegabytes(pid);
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < waiters; ++i) {
    connections.push_back(std::make_unique<HttpConnection>(door.port, door.token));
    connections.back()->sendPost("/vx11/spawn?wait=60", taskBody("sleep 45"));
  }
  for (int i = 0; i < idle; ++i) {
    connections.push_back(std::make_unique<HttpConnection>(door.port, door.token));
    connections.back()->get("/health");
  }
  crowd.health_ms = healthMedian(door);
  crowd.megabytes = residentMegabytes(pid) - before;
  return crowd;
}

}  // namespace vx11::bench

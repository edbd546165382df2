#include "api/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "api/encode.hpp"
#include "api/exposition.hpp"
#include "http/server.hpp"
#include "policy/windows.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/tally.hpp"

namespace vx11::api {

namespace {

double number(uint64_t value) {
  return static_cast<double>(value);
}

double sizeOf(const std::filesystem::path& file) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  return missing ? 0 : number(size);
}

void tasks(const Services& services, Exposition& out) {
  const auto load = services.engine.load();
  out.single("vx11_tasks_running", "gauge", "Tasks that have a process or are about to.",
             number(load.running));
  out.single("vx11_tasks_queued", "gauge", "Tasks that wait for a place or their next attempt.",
             number(load.queued));
  const auto tally = services.engine.tally();
  out.metric("vx11_tasks_accepted_total", "counter", "Tasks accepted since the start.");
  for (const auto& [type, count] : tally.accepted) out.sample(number(count), {{"task_type", type}});
  out.metric("vx11_task_attempts_ended_total", "counter",
             "Attempts that ended since the start, and tasks that ended while they waited, by outcome.");
  for (const auto& [key, count] : tally.attempts_ended)
    out.sample(number(count), {{"task_type", key.first}, {"outcome", key.second}});
  out.metric("vx11_task_duration_seconds", "histogram", "How long attempts ran.");
  for (const auto& [type, durations] : tally.durations) {
    uint64_t up_to = 0;
    for (size_t i = 0; i < tasks::kDurationBounds.size(); ++i) {
      up_to += durations.counts[i];
      auto bound = std::to_string(tasks::kDurationBounds[i]);
      bound.erase(bound.find_last_not_of('0') + 1);
      if (bound.back() == '.') bound.pop_back();
      out.sample(number(up_to), {{"task_type", type}, {"le", bound}}, "_bucket");
    }
    out.sample(number(durations.count), {{"task_type", type}, {"le", "+Inf"}}, "_bucket");
    out.sample(durations.seconds, {{"task_type", type}}, "_sum");
    out.sample(number(durations.count), {{"task_type", type}}, "_count");
  }
  out.single("vx11_spawner_up", "gauge", "1 where the spawner is connected.", load.connected ? 1 : 0);
}

void windows(const Services& services, Exposition& out) {
  out.metric("vx11_window_open", "gauge", "1 where the policy window is open.");
  for (const auto& window : services.windows.all())
    out.sample(window.is_open ? 1 : 0, {{"target", window.target}});
}

void door(const Services& services, Exposition& out) {
  out.metric("vx11_http_responses_total", "counter", "Answers since the start, by status.");
  for (const auto& [status, count] : services.server->answered())
    out.sample(number(count), {{"code", std::to_string(status)}});
  out.single("vx11_http_connections", "gauge", "Open connections.", number(services.server->connections()));
  out.single("vx11_http_refused_connections_total", "counter",
             "Connections answered 503 because there were too many.",
             number(services.server->refusedOverload()));
}

void database(const Services& services, Exposition& out) {
  const auto& file = services.database_file;
  out.single("vx11_database_commits_total", "counter", "Transactions since the start.",
             number(services.database.commits()));
  out.single("vx11_database_jobs_queued", "gauge", "Writes that wait for the writer.",
             number(services.database.queued()));
  out.single("vx11_database_size_bytes", "gauge", "Of the database without its log.", sizeOf(file));
  out.single("vx11_database_wal_size_bytes", "gauge", "Of its write-ahead log.",
             sizeOf(file.string() + "-wal"));
}

// The names that Prometheus' own client libraries use.
void process(Exposition& out) {
  uint64_t pages = 0;
  uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  out.single("process_resident_memory_bytes", "gauge", "Resident memory.",
             number(resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE))));
  uint64_t descriptors = 0;
  std::error_code ignored;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored))
    ++descriptors;
  out.single("process_open_fds", "gauge", "Open descriptors.", number(descriptors));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr double kMicro = 1e-6;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicro;
  };
  out.single("process_cpu_seconds_total", "counter", "Processor time, user and system.",
             seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

}  // namespace

http::Response metrics(const Services& services, const http::Request&) {
  Exposition out;
  out.metric("vx11_build_info", "gauge", "Always 1.");
  out.sample(1, {{"version", services.version}});
  tasks(services, out);
  windows(services, out);
  door(services, out);
  database(services, out);
  process(out);
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = out.take();
  return response;
}

}  // namespace vx11::api

#include "failing_calls.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "wait.hpp"

namespace vx11::test {

namespace {

std::vector<std::string> threadsOf(pid_t pid) {
  std::vector<std::string> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task"))
    threads.push_back(entry.path().filename());
  return threads;
}

bool tracedBy(pid_t tracer, const std::string& thread) {
  return readFile("/proc/" + thread + "/status").find("\nTracerPid:\t" + std::to_string(tracer) + "\n") !=
         std::string::npos;
}

}  // namespace

FailingCalls::FailingCalls(pid_t pid, const std::string& calls, const std::string& error) {
  ProcessOptions options;
  options.argv = {"strace", "-qq", "-o", directory_ / "calls", "-e", "inject=" + calls + ":error=" + error};
  const auto threads = threadsOf(pid);
  for (const auto& thread : threads) options.argv.insert(options.argv.end(), {"-p", thread});
  options.stderr_file = directory_ / "messages";
  strace_.emplace(options);
  for (const auto& thread : threads) {
    const bool traced = eventually([&] {
      return tracedBy(strace_->pid(), thread) || strace_->wait(std::chrono::milliseconds(0)).has_value();
    });
    if (!traced || strace_->wait(std::chrono::milliseconds(0)))
      throw std::runtime_error("strace does not trace: " + readFile(options.stderr_file));
  }
}

FailingCalls::~FailingCalls() {
  stop();
}

int FailingCalls::count() const {
  const auto calls = readFile(directory_ / "calls");
  int count = 0;
  for (size_t at = 0; (at = calls.find("(INJECTED)", at)) != std::string::npos; ++at) ++count;
  return count;
}

void FailingCalls::stop() {
  if (!strace_) return;
  strace_->signal(SIGINT);  // it detaches
  strace_->wait();
  strace_.reset();
}

bool FailingCalls::possible() {
  try {
    const Process sleeper({{"sleep", "600"}, {}, {}});
    const FailingCalls probe(sleeper.pid(), "getpid", "ENOMEM");
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace vx11::test

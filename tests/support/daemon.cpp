#include "daemon.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "spawner_processes.hpp"

namespace vx11::test {

namespace {

constexpr char kReady[] = "READY http://";

uint16_t portOf(const std::string& line) {
  uint16_t port = 0;
  const auto colon = line.rfind(':');
  const char* end = line.data() + line.size();
  if (line.rfind(kReady, 0) != 0 || std::from_chars(line.data() + colon + 1, end, port).ptr != end ||
      port == 0) {
    throw std::runtime_error("vx11d printed instead of READY http://HOST:PORT: " + line);
  }
  return port;
}

}  // namespace

Daemon::Daemon(std::initializer_list<std::pair<std::string, std::string>> settings)
    : token_("test-token-of-" + directory_.path().filename().string()), binary_(VX11D_BINARY) {
  // Daughters have user ids of their own when a test runs as root: they must be able to pass through.
  chmod(directory_.path().c_str(), 0711);
  const auto state = directory_ / "state";
  std::filesystem::create_directory(state);
  chmod(state.c_str(), 0700);
  writeFile(directory_ / "token", token_ + "\n", 0600);
  // The spawner's own default has a minute of patience: a failed test should not leave one behind that long.
  settings_ = {{"http.port", "0"},
               {"state.directory", state.string()},
               {"auth.token_file", (directory_ / "token").string()},
               {"plugins.path", VX11_PLUGIN_DIRECTORY},
               {"spawner.binary", VX11_SPAWNER_BINARY},
               {"spawner.socket", (directory_ / "spawner.sock").string()},
               {"spawner.idle_exit_seconds", "5"},
               {"tasks.directory", (directory_ / "tasks").string()},
               {"tasks.max_directory_bytes", "0"}};
  for (const auto& [key, value] : settings) settings_[key] = value;
}

Daemon::~Daemon() {
  // A failed REQUIRE throws: its report is worth little without what the daemon said.
  if (std::uncaught_exceptions() > 0) std::cerr << "The log of vx11d:\n" << log() << std::flush;
  try {
    // What only shows at the end, such as a sanitizer's report, must not pass for a good test. Catch2 is not
    // here in every program that links this.
    if (running() && terminate() != 0) {
      std::cerr << "vx11d did not exit with 0. Its log:\n" << log() << std::flush;
      std::abort();
    }
  } catch (const std::exception&) {
    // ~Process kills what did not end politely.
  }
  process_.reset();
  // A test may have pointed this one at the socket of another: that one's spawner is not ours to end.
  const std::string socket = spawnerSocket().string();
  if (socket.rfind(directory().string() + "/", 0) == 0) endSpawnersOf(socket);
}

ProcessOptions Daemon::processOptions(const std::filesystem::path& stderr_file) const {
  ProcessOptions options;
  options.argv = {binary_.string()};
  for (const auto& [key, value] : settings_) {
    options.argv.emplace_back("--set");
    options.argv.push_back(key + "=" + value);
  }
  options.argv.insert(options.argv.end(), arguments_.begin(), arguments_.end());
  options.env = environment_;
  options.stderr_file = stderr_file;
  return options;
}

void Daemon::start() {
  if (running()) throw std::logic_error("vx11d already runs");
  process_ = std::make_unique<Process>(processOptions(directory_ / "log"));
  const auto line = process_->firstLine();
  if (!line) {
    process_.reset();
    throw std::runtime_error("vx11d did not come up. Its log:\n" + log());
  }
  try {
    port_ = portOf(*line);
  } catch (...) {
    process_.reset();  // no vx11d that could be asked to end
    throw;
  }
}

Refusal Daemon::runExpectingFailure() {
  const TempDirectory scratch;
  Process process(processOptions(scratch / "stderr"));
  const auto line = process.firstLine();
  const auto status = line ? std::nullopt : process.wait();
  const std::string err = readFile(scratch / "stderr");
  if (!status) throw std::runtime_error("vx11d was expected to refuse to start. Its log:\n" + err);
  return {*status, err, process.printed()};
}

int Daemon::terminate() {
  process_->signal(SIGTERM);
  const auto status = process_->wait();
  if (!status) throw std::runtime_error("vx11d did not end after SIGTERM. Its log:\n" + log());
  return *status;
}

void Daemon::kill9() {
  process_->signal(SIGKILL);
  process_->wait();
}

void Daemon::restart() {
  const int status = terminate();
  if (status != 0) throw std::runtime_error("vx11d ended with " + std::to_string(status) + ":\n" + log());
  start();
}

bool Daemon::running() {
  return process_ && !process_->wait(std::chrono::milliseconds(0));
}

pid_t Daemon::pid() const {
  return process_->pid();
}

pid_t Daemon::spawnerPid() const {
  std::vector<pid_t> found;
  const bool one = eventually([&] {
    found = spawnersOf(spawnerSocket());
    return found.size() == 1;
  });
  if (!one) throw std::runtime_error(std::to_string(found.size()) + " spawners instead of one");
  return found[0];
}

void Daemon::useMemoryForTasks() {
  std::error_code ignored;
  if (!std::filesystem::is_directory("/dev/shm", ignored)) return;
  memory_.emplace("/dev/shm");
  chmod(memory_->path().c_str(), 0711);
  set("tasks.directory", (*memory_ / "tasks").string());
  unset("tasks.max_directory_bytes");
}

std::vector<std::string> Daemon::taskDirectories() const {
  namespace fs = std::filesystem;
  const fs::path seen = "/proc/" + std::to_string(spawnerPid()) + "/root" + setting("tasks.directory");
  const auto namesIn = [](const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored))
      names.push_back(entry.path().filename());
    return names;
  };
  std::vector<std::string> found;
  for (const auto& name : namesIn(seen)) {
    if (name.find('.') != std::string::npos) {
      found.push_back(name);
      continue;
    }
    for (const auto& inner : namesIn(seen / name)) found.push_back(name + "/" + inner);
  }
  return found;
}

std::filesystem::path Daemon::spawnerSocket() const {
  const auto socket = settings_.find("spawner.socket");
  return socket != settings_.end() ? std::filesystem::path(socket->second)
                                   : stateDirectory() / "spawner.sock";
}

std::string Daemon::log() const {
  return readFile(directory_ / "log");
}

std::string Daemon::printed() {
  return process_->printed();
}

void Daemon::openWindow(const std::string& target, int ttl_seconds) const {
  const auto answer = http().post("/vx11/window/open", R"({"target":")" + target + R"(","ttl_seconds":)" +
                                                           std::to_string(ttl_seconds) + "}");
  if (answer.status != 200)
    throw std::runtime_error("the window " + target + " stays closed: " + answer.body);
}

}  // namespace vx11::test

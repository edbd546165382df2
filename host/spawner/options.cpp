#include "spawner/options.hpp"

#include <charconv>
#include <limits>
#include <string_view>

namespace vx11::spawner {

namespace {

uint64_t parseNumber(const std::string& name, std::string_view text, uint64_t max) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) {
    throw UsageError(name + " takes a whole number from 0 to " + std::to_string(max) + ", not '" +
                     std::string(text) + "'");
  }
  return value;
}

std::string absolute(const std::string& name, std::string path) {
  if (path.front() != '/') throw UsageError(name + " takes an absolute path, not '" + path + "'");
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

constexpr uint64_t kMaxUid = std::numeric_limits<uid_t>::max() - 1;  // the last one means "unchanged"

}  // namespace

const char* const kUsage =
    "usage: vx11-spawner --socket PATH --spool DIR --tasks DIR [--uid-range A-B] [--max-processes N]\n"
    "         [--max-output-bytes N] [--max-directory-bytes N] [--no-cgroups] [--no-namespaces]\n"
    "         [--no-pid-namespaces] [--hide PATH]... [--host-uid UID] [--idle-exit SECONDS] [--kill-grace "
    "MS]\n"
    "         [--log FILE] [--log-plans] [--background] [--version]\n";

UidRange parseUidRange(const std::string& text) {
  const size_t dash = text.find('-');
  if (dash == std::string::npos) throw UsageError("--uid-range takes FIRST-LAST, not '" + text + "'");
  UidRange range;
  range.first =
      static_cast<uid_t>(parseNumber("--uid-range", std::string_view(text).substr(0, dash), kMaxUid));
  range.last =
      static_cast<uid_t>(parseNumber("--uid-range", std::string_view(text).substr(dash + 1), kMaxUid));
  if (range.first == 0 || range.last <= range.first) {
    throw UsageError("--uid-range needs at least two ids, in order and without 0, not '" + text + "'");
  }
  return range;
}

Options parseOptions(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc || argv[i + 1][0] == '\0') throw UsageError(name + " needs a value");
      return argv[++i];
    };
    if (name == "--socket")
      options.socket = value();
    else if (name == "--spool")
      options.spool = value();
    else if (name == "--tasks")
      options.tasks = value();
    else if (name == "--uid-range")
      options.uid_range = parseUidRange(value());
    else if (name == "--max-processes")
      options.max_processes = parseNumber(name, value(), 4'194'304);  // the kernel's PID_MAX_LIMIT
    else if (name == "--max-output-bytes")
      options.max_output_bytes = parseNumber(name, value(), 1ULL << 60);
    else if (name == "--max-directory-bytes")
      options.max_directory_bytes = parseNumber(name, value(), 1ULL << 60);
    else if (name == "--host-uid")
      options.host_uid = static_cast<uid_t>(parseNumber(name, value(), kMaxUid));
    else if (name == "--idle-exit")
      options.idle_exit = std::chrono::seconds(parseNumber(name, value(), 86'400 * 365));
    else if (name == "--kill-grace")
      options.kill_grace = std::chrono::milliseconds(parseNumber(name, value(), 600'000));
    else if (name == "--log")
      options.log = value();
    else if (name == "--no-cgroups")
      options.cgroups = false;
    else if (name == "--no-namespaces")
      options.namespaces = false;
    else if (name == "--no-pid-namespaces")
      options.pid_namespaces = false;
    else if (name == "--hide")
      options.hidden.push_back(absolute(name, value()));
    else if (name == "--log-plans")
      options.log_plans = true;
    else if (name == "--background")
      options.background = true;
    else if (name == "--version")
      options.version = true;
    else
      throw UsageError("unknown argument '" + name + "'");
  }
  if (options.version) return options;
  if (options.socket.empty()) throw UsageError("--socket PATH is missing");
  if (options.spool.empty()) throw UsageError("--spool DIR is missing");
  if (options.tasks.empty()) throw UsageError("--tasks DIR is missing");
  return options;
}

}  // namespace vx11::spawner

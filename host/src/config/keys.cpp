#include "config/keys.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace vx11::config {

namespace {

int64_t wholeNumber(const std::string& value, int64_t min, int64_t max) {
  int64_t number = 0;
  const auto* end = value.data() + value.size();
  const auto [stop, failure] = std::from_chars(value.data(), end, number);
  if (failure != std::errc() || stop != end || value.empty() || number < min || number > max) {
    throw std::invalid_argument("must be a whole number from " + std::to_string(min) + " to " +
                                std::to_string(max));
  }
  return number;
}

bool trueOrFalse(const std::string& value) {
  if (value == "true") return true;
  if (value == "false") return false;
  throw std::invalid_argument("must be true or false");
}

// Which of two words it is: true for the first.
bool firstOf(const std::string& value, const std::string& first, const std::string& second) {
  if (value == first) return true;
  if (value == second) return false;
  throw std::invalid_argument("must be " + first + " or " + second);
}

std::vector<std::string> split(const std::string& value, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= value.size()) {
    const size_t end = std::min(value.find(separator, begin), value.size());
    auto part = value.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(" \t"));
    part.erase(part.find_last_not_of(" \t") + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

std::filesystem::path absolutePath(const std::string& value) {
  if (value.empty()) return {};
  if (value.front() != '/') throw std::invalid_argument("must be an absolute path, beginning with /");
  return std::filesystem::path(value).lexically_normal();
}

std::string uidRange(const std::string& value) {
  constexpr int64_t kFirstUsable = 1000;  // below lie root and the system's own users
  constexpr int64_t kLastUsable =
      4'294'967'293;  // the two above mean "no change" and "invalid" to the kernel
  const auto dash = value.find('-');
  if (dash == std::string::npos) throw std::invalid_argument("must be FIRST-LAST, two user ids");
  try {
    const auto first = wholeNumber(value.substr(0, dash), kFirstUsable, kLastUsable);
    if (wholeNumber(value.substr(dash + 1), kFirstUsable, kLastUsable) > first) return value;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("must be FIRST-LAST, of which each ") + error.what());
  }
  throw std::invalid_argument("must be FIRST-LAST with FIRST below LAST: the first id is the spawner's own");
}

std::vector<std::string> windowTargets(const std::string& value) {
  auto targets = split(value, ',');
  for (const auto& target : targets) {
    if (target != "switch" && target != "spawner" && target != "hermes") {
      throw std::invalid_argument("must be a list of switch, spawner and hermes");
    }
  }
  return targets;
}

constexpr int64_t kMebibyte = 1024 * 1024;

// In the order of config/vx11d.properties; a test holds the two against each other.
const std::vector<Key>& table() {
  using Text = const std::string&;
  static const std::vector<Key> rows{
      {"http.host", "127.0.0.1", [](Config& c, Text v, Text) { c.http.host = v; }},
      {"http.port", "8000",
       [](Config& c, Text v, Text) { c.http.port = static_cast<uint16_t>(wholeNumber(v, 0, 65535)); }},
      {"http.max_body_bytes", "8388608",
       [](Config& c, Text v, Text) {
         c.http.max_body_bytes = static_cast<size_t>(wholeNumber(v, 1024, 64 * kMebibyte));
       }},
      {"http.max_connections", "1536",
       [](Config& c, Text v, Text) {
         c.http.max_connections = static_cast<size_t>(wholeNumber(v, 4, 16384));
       }},
      {"http.allowed_hosts", "localhost,127.0.0.1,[::1]",
       [](Config& c, Text v, Text) { c.http.allowed_hosts = split(v, ','); }},
      {"http.unknown_fields", "refuse",
       [](Config& c, Text v, Text) { c.http.refuse_unknown_fields = firstOf(v, "refuse", "ignore"); }},
      {"state.directory", "", [](Config& c, Text v, Text) { c.state_directory = absolutePath(v); }},
      {"auth.token_file", "", [](Config& c, Text v, Text) { c.auth.token_file = absolutePath(v); }},
      {"auth.required", "true", [](Config& c, Text v, Text) { c.auth.required = trueOrFalse(v); }},
      {"auth.open_metrics", "true", [](Config& c, Text v, Text) { c.auth.open_metrics = trueOrFalse(v); }},
      {"plugins.path", "",
       [](Config& c, Text v, Text) {
         c.plugin_path.clear();
         for (const auto& part : split(v, ':')) c.plugin_path.push_back(absolutePath(part));
       }},
      {"interpreter.*.program", "",
       [](Config& c, Text v, Text name) { c.interpreter_programs[name] = absolutePath(v).string(); }},
      {"tasks.directory", "", [](Config& c, Text v, Text) { c.tasks.directory = absolutePath(v); }},
      {"tasks.max_running", "256",
       [](Config& c, Text v, Text) { c.tasks.max_running = static_cast<size_t>(wholeNumber(v, 1, 1000)); }},
      {"tasks.max_running.*", "",
       [](Config& c, Text v, Text type) {
         c.tasks.max_running_of[type] = static_cast<size_t>(wholeNumber(v, 1, 1000));
       }},
      {"tasks.max_queued", "20000",
       [](Config& c, Text v, Text) {
         c.tasks.max_queued = static_cast<size_t>(wholeNumber(v, 0, 1'000'000));
       }},
      {"tasks.queue_ttl_seconds", "86400",
       [](Config& c, Text v, Text) {
         c.tasks.queue_ttl = std::chrono::seconds(wholeNumber(v, 1, 31'536'000));
       }},
      {"tasks.kill_grace_seconds", "2",
       [](Config& c, Text v, Text) { c.tasks.kill_grace = std::chrono::seconds(wholeNumber(v, 0, 3600)); }},
      {"tasks.retry_delay_seconds", "1",
       [](Config& c, Text v, Text) { c.tasks.retry_delay = std::chrono::seconds(wholeNumber(v, 0, 3600)); }},
      {"retention.days", "0",
       [](Config& c, Text v, Text) { c.tasks.kept = std::chrono::days(wholeNumber(v, 0, 36'500)); }},
      {"tasks.inline_output_bytes", "65536",
       [](Config& c, Text v, Text) {
         c.tasks.inline_output_bytes = static_cast<uint64_t>(wholeNumber(v, 0, kMebibyte));
       }},
      {"tasks.max_output_bytes", "1073741824",
       [](Config& c, Text v, Text) {
         c.tasks.max_output_bytes = static_cast<uint64_t>(wholeNumber(v, 0, 1LL << 60));
       }},
      {"tasks.max_directory_bytes", "536870912",
       [](Config& c, Text v, Text) {
         c.tasks.max_directory_bytes = static_cast<uint64_t>(wholeNumber(v, 0, 1LL << 60));
       }},
      {"tasks.uid_range", "1900000000-1900000999",
       [](Config& c, Text v, Text) { c.tasks.uid_range = uidRange(v); }},
      {"tasks.max_processes", "1024",
       [](Config& c, Text v, Text) {
         c.tasks.max_processes = static_cast<uint32_t>(wholeNumber(v, 0, 4'194'304));
       }},
      {"tasks.cgroups", "true", [](Config& c, Text v, Text) { c.tasks.cgroups = trueOrFalse(v); }},
      {"tasks.namespaces", "true", [](Config& c, Text v, Text) { c.tasks.namespaces = trueOrFalse(v); }},
      {"tasks.pid_namespaces", "true",
       [](Config& c, Text v, Text) { c.tasks.pid_namespaces = trueOrFalse(v); }},
      {"policy.on_close", "drain",
       [](Config& c, Text v, Text) { c.policy.kill_on_close = firstOf(v, "kill", "drain"); }},
      {"policy.standing_windows", "",
       [](Config& c, Text v, Text) { c.policy.standing_windows = windowTargets(v); }},
      {"policy.denied_http_status", "200",
       [](Config& c, Text v, Text) { c.policy.denied_http_status = firstOf(v, "200", "403") ? 200 : 403; }},
      {"process.user", "", [](Config& c, Text v, Text) { c.process_user = v; }},
      {"spawner.socket", "", [](Config& c, Text v, Text) { c.spawner.socket = absolutePath(v); }},
      {"spawner.binary", "", [](Config& c, Text v, Text) { c.spawner.binary = absolutePath(v); }},
      {"spawner.idle_exit_seconds", "60",
       [](Config& c, Text v, Text) {
         c.spawner.idle_exit_seconds = static_cast<uint32_t>(wholeNumber(v, 0, 86400));
       }},
  };
  return rows;
}

}  // namespace

std::span<const Key> keys() {
  return table();
}

KeyMatch findKey(std::string_view name) {
  for (const auto& key : table()) {
    const auto star = key.name.find('*');
    if (star == std::string_view::npos) {
      if (key.name == name) return {&key, {}};
      continue;
    }
    const auto before = key.name.substr(0, star);
    const auto after = key.name.substr(star + 1);
    if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
      continue;
    return {&key, std::string(name.substr(before.size(), name.size() - before.size() - after.size()))};
  }
  return {};
}

}  // namespace vx11::config

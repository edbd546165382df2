#include "config/config.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "config/keys.hpp"
#include "config/locations.hpp"
#include "config/properties.hpp"

namespace vx11::config {

namespace {

[[noreturn]] void refuse(const std::string& origin, const std::string& sentence) {
  throw Error(ErrorCode::kConfiguration, origin + ": " + sentence);
}

void apply(Config& config, const Property& property) {
  const auto match = findKey(property.key);
  if (match.key == nullptr) {
    std::vector<std::string> names;
    for (const auto& key : keys()) names.emplace_back(key.name);
    const auto near = text::nearest(property.key, names);
    refuse(property.origin,
           "unknown key \"" + property.key + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  try {
    match.key->read(config, property.value, match.star);
  } catch (const std::invalid_argument& wrong) {
    refuse(property.origin, property.key + " " + wrong.what() + ", not \"" + property.value + "\"");
  }
}

void applyFile(Config& config, const std::filesystem::path& file) {
  std::map<std::string, std::string> origins;
  for (const auto& property : readProperties(file)) {
    const auto [first, is_new] = origins.emplace(property.key, property.origin);
    if (!is_new)
      refuse(property.origin, property.key + " stands twice in this file: first at " + first->second);
    apply(config, property);
  }
}

// Links followed, as far as we may look.
std::filesystem::path realPath(const std::filesystem::path& path) {
  std::error_code failure;
  auto real = std::filesystem::weakly_canonical(path, failure);
  return failure ? std::filesystem::absolute(path).lexically_normal() : real;
}

// Whether `inner` is `outer` or lies below it.
bool isWithin(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto way = realPath(inner).lexically_relative(realPath(outer));
  return !way.empty() && *way.begin() != "..";
}

// Tasks come and go in the one, and nothing may ever go from the other.
void keepApart(const std::filesystem::path& tasks, const std::filesystem::path& state) {
  if (!isWithin(tasks, state) && !isWithin(state, tasks)) return;
  throw Error(ErrorCode::kConfiguration, "tasks.directory = " + tasks.string() +
                                             " must lie outside of state.directory = " + state.string() +
                                             ", and not hold it");
}

// The *.properties of conf.d beside the file, in order of name; no such folder is fine.
std::vector<std::filesystem::path> dropIns(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path() / "conf.d", absent)) {
    if (entry.path().extension() == ".properties") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool isLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace

Config load(const Sources& sources) {
  Config config;
  for (const auto& key : keys()) {
    if (!key.fallback.empty()) key.read(config, std::string(key.fallback), {});
  }
  if (!sources.file.empty()) {
    const auto file = std::filesystem::absolute(sources.file);
    applyFile(config, file);
    for (const auto& drop_in : dropIns(file)) applyFile(config, drop_in);
  }
  for (const auto& assignment : sources.assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) refuse("--set " + assignment, "expected key=value");
    apply(config, {assignment.substr(0, equals), assignment.substr(equals + 1), "--set " + assignment});
  }
  fillLocations(config);
  keepApart(config.tasks.directory, config.state_directory);
  if (!config.auth.required && !isLoopback(config.http.host)) {
    throw Error(ErrorCode::kConfiguration,
                "auth.required = false is accepted only on loopback, and http.host is " + config.http.host +
                    ": this door runs code");
  }
  return config;
}

}  // namespace vx11::config

#include "place.hpp"

#include <errno.h>
#include <string.h>

#include <array>
#include <fstream>
#include <iterator>

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include "failure.hpp"

namespace vx11::client {

namespace {

namespace fs = std::filesystem;

constexpr const char* kUsualUrl = "http://localhost:8000";

// Without blanks around them; empty with errno where there is no such file to read.
std::vector<std::string> firstLines(const fs::path& file, size_t count) {
  errno = 0;
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < count && std::getline(stream, line);)
    lines.push_back(Poco::trim(line));
  return lines;
}

std::optional<std::string> firstLine(const fs::path& file) {
  const auto lines = firstLines(file, 1);
  return lines.empty() ? std::nullopt : std::optional(lines.front());
}

bool isLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

std::string hostOf(const std::string& url) {
  try {
    const Poco::URI uri(url);
    if (uri.getScheme() == "http" && !uri.getHost().empty() &&
        (uri.getPath().empty() || uri.getPath() == "/"))
      return uri.getHost();
  } catch (const Poco::Exception&) {
  }
  throw Failure(kWrongUsage, "\"" + url + "\" is no address of a vx11d: it must be http://HOST:PORT",
                std::string("VX11_URL=") + kUsualUrl + " vx11 status");
}

fs::path stateOf(const PlaceOptions& options, const Environment& environment) {
  if (!options.state.empty()) return options.state;
  if (const auto named = environment("VX11_STATE"); named && !named->empty()) return *named;
  std::error_code ignored;
  for (const auto& state : usualStates(environment)) {
    if (fs::exists(state / "token", ignored) || fs::exists(state / "door", ignored)) return state;
    // One that we may not look into is there all the same.
    if (ignored == std::errc::permission_denied) return state;
  }
  return {};
}

// As vx11d says, for auth.token_file may be another one.
fs::path tokenFileOf(const fs::path& state) {
  const auto door = firstLines(state / "door", 2);
  return door.size() > 1 ? fs::path(door[1]) : state / "token";
}

void findToken(Place& place) {
  const auto& file = place.token_file;
  if (const auto token = firstLine(file)) {
    place.token = *token;
    place.token_origin = file.string();
    return;
  }
  const int error = errno;
  place.token_origin =
      file.string() + (error == 0 ? " is empty" : std::string(" cannot be read: ") + strerror(error));
}

}  // namespace

std::vector<fs::path> usualStates(const Environment& environment) {
  std::vector<fs::path> states{"/var/lib/vx11"};
  if (const auto own = environment("XDG_STATE_HOME"); own && own->starts_with('/')) {
    states.push_back(fs::path(*own) / "vx11");
  } else if (const auto home = environment("HOME"); home && !home->empty()) {
    states.push_back(fs::path(*home) / ".local/state/vx11");
  }
  return states;
}

Place findPlace(const PlaceOptions& options, const Environment& environment) {
  Place place;
  place.url = options.url.empty() ? environment("VX11_URL").value_or("") : options.url;
  const auto state = stateOf(options, environment);
  if (place.url.empty() && !state.empty()) {
    place.state = state;
    place.url = firstLine(state / "door").value_or("");
  }
  if (place.url.empty()) place.url = kUsualUrl;
  while (place.url.ends_with('/')) place.url.pop_back();
  // It listens everywhere; here it is nearest, and allowed as a Host.
  constexpr std::string_view kEverywhere = "http://0.0.0.0:";
  if (place.url.starts_with(kEverywhere)) place.url.replace(0, kEverywhere.size(), "http://localhost:");
  const auto host = hostOf(place.url);
  if (!state.empty()) place.token_file = tokenFileOf(state);
  if (!options.token_file.empty()) place.token_file = options.token_file;

  if (!options.token_file.empty()) {
    const auto token = firstLine(options.token_file);
    const int error = errno;
    if (!token)
      throw Failure(kWrongUsage,
                    options.token_file.string() +
                        (error == 0 ? " is empty" : std::string(" cannot be read: ") + strerror(error)));
    place.token = *token;
    place.token_origin = options.token_file.string();
  } else if (const auto token = environment("VX11_TOKEN"); token && !token->empty()) {
    place.token = *token;
    place.token_origin = "VX11_TOKEN";
  } else if (!isLoopback(host)) {
    place.token_origin = "VX11_TOKEN is not set, and the token of this machine is not for " + host;
  } else if (state.empty()) {
    place.token_origin = "no state directory of a vx11d was found; VX11_TOKEN or VX11_STATE names one";
  } else {
    place.state = state;
    findToken(place);
  }
  return place;
}

}  // namespace vx11::client

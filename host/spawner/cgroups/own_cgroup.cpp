#include "spawner/cgroups/own_cgroup.hpp"

#include <string_view>
#include <vector>

namespace vx11::spawner {

namespace {

// Calls `take` with each line, without its end, until it returns true.
template <class Take>
void eachLine(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (take(line)) return;
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
  }
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> list;
  while (!line.empty()) {
    const auto word = line.substr(0, line.find(' '));
    if (!word.empty()) list.push_back(word);
    line.remove_prefix(word.size() < line.size() ? word.size() + 1 : line.size());
  }
  return list;
}

// mountinfo writes blanks, tabs, line feeds and backslashes as \ooo.
std::string unescaped(std::string_view text) {
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) &&
        octal(text[i + 3])) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The path below the mount's root; nullopt where the mount shows another part of the hierarchy.
std::optional<std::string> below(const std::string& root, const std::string& path) {
  if (root == "/") return path == "/" ? "" : path;
  if (path == root) return "";
  if (path.rfind(root + "/", 0) == 0) return path.substr(root.size());
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ownCgroup(const std::string& mountinfo, const std::string& self_cgroup) {
  std::string path;
  eachLine(self_cgroup, [&path](std::string_view line) {
    if (line.substr(0, 3) != "0::") return false;
    path = std::string(line.substr(3));
    return true;
  });
  // "/.." shows up where our cgroup lies outside our cgroup namespace.
  if (path.empty() || path.find("/..") != std::string::npos) return std::nullopt;

  std::optional<std::string> found;
  eachLine(mountinfo, [&](std::string_view line) {
    const size_t separator = line.find(" - ");
    if (separator == std::string_view::npos) return false;
    const auto mount = words(line.substr(0, separator));
    const auto type = words(line.substr(separator + 3));
    if (mount.size() < 5 || type.empty() || type[0] != "cgroup2") return false;
    const auto rest = below(unescaped(mount[3]), path);
    if (rest) found = unescaped(mount[4]) + *rest;
    return rest.has_value();
  });
  return found;
}

}  // namespace vx11::spawner

#include "interpreter.hpp"

#include <array>
#include <utility>

namespace vx11::client {

namespace {

using Names = std::array<std::pair<std::string_view, std::string_view>, 3>;
constexpr Names kByProgram{{{"sh", "shell"}, {"dash", "shell"}, {"python", "python"}}};
constexpr Names kByExtension{{{"sh", "shell"}, {"py", "python"}, {"bash", "bash"}}};

std::string known(const Names& names, std::string_view name) {
  for (const auto& [from, to] : names)
    if (name == from) return std::string(to);
  return std::string(name);
}

std::string_view nextWord(std::string_view& line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

std::string_view behindLast(std::string_view text, char mark) {
  const auto at = text.rfind(mark);
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

std::string byFirstLine(std::string_view code) {
  if (!code.starts_with("#!")) return {};
  auto line = code.substr(2, code.find('\n') == std::string_view::npos ? code.size() : code.find('\n') - 2);
  auto program = behindLast(nextWord(line), '/');
  // env -S python3 -u, env A=1 python3
  while (program == "env" || program.starts_with('-') || program.find('=') != std::string_view::npos)
    program = behindLast(nextWord(line), '/');
  // python3.11
  program = program.substr(0, program.find_last_not_of("0123456789.") + 1);
  return known(kByProgram, program);
}

std::string byExtension(std::string_view name) {
  name = behindLast(name, '/');
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  return known(kByExtension, name.substr(dot + 1));
}

}  // namespace

std::string taskTypeOf(std::string_view name, std::string_view code) {
  auto type = byFirstLine(code);
  return type.empty() ? byExtension(name) : type;
}

}  // namespace vx11::client

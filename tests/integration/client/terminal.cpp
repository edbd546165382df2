#include "terminal.hpp"

namespace vx11::test {

namespace {

std::vector<std::string> commandOf(const std::vector<std::string>& words) {
  std::vector<std::string> argv{VX11_CLIENT_BINARY};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

}  // namespace

Terminal::Terminal(std::initializer_list<std::pair<std::string, std::string>> settings) : daemon_(settings) {
  daemon_.start();
  daemon_.openWindow("spawner");
}

std::map<std::string, std::string> Terminal::environment() const {
  return {{"VX11_STATE", daemon_.stateDirectory()}, {"VX11_URL", ""}, {"VX11_TOKEN", ""}};
}

CommandResult Terminal::vx11(const std::vector<std::string>& words,
                             std::map<std::string, std::string> env) const {
  env.merge(environment());
  return runCommand(commandOf(words), env);
}

Process Terminal::begin(const std::vector<std::string>& words,
                        const std::filesystem::path& stderr_file) const {
  return Process({.argv = commandOf(words), .env = environment(), .stderr_file = stderr_file});
}

}  // namespace vx11::test

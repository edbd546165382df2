#include "command_line.hpp"

#include <stdexcept>
#include <string>

namespace vx11 {

const char* const kUsage =
    "usage: vx11d [--config FILE] [--set key=value]... [--check-config]\n"
    "\n"
    "  --config FILE     read this file and conf.d/*.properties beside it\n"
    "  --set key=value   set one key, over all files; may be repeated\n"
    "  --check-config    say whether the configuration is good, and stop\n"
    "  --version         print the version, and stop\n"
    "\n"
    "Prints \"READY http://HOST:PORT\" on standard output once it listens; the log goes to standard error.\n"
    "SIGTERM or SIGINT stops it; running tasks go on and are taken up again at the next start.\n";

CommandLine parseCommandLine(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw std::invalid_argument(word + " needs a value");
      return argv[++i];
    };
    if (word == "--config") {
      line.sources.file = value();
    } else if (word == "--set") {
      line.sources.assignments.push_back(value());
    } else if (word == "--check-config") {
      line.mode = Mode::kCheckConfig;
    } else if (word == "--version") {
      line.mode = Mode::kVersion;
    } else if (word == "--help" || word == "-h") {
      line.mode = Mode::kHelp;
    } else {
      throw std::invalid_argument("unknown argument " + word + "; vx11d --help lists them");
    }
  }
  return line;
}

}  // namespace vx11

// What was typed: vx11d [--config FILE] [--set key=value]... [--check-config] [--version] [--help]
#pragma once

#include "config/config.hpp"

namespace vx11 {

enum class Mode { kServe, kCheckConfig, kVersion, kHelp };

struct CommandLine {
  Mode mode = Mode::kServe;
  config::Sources sources;
};

// Throws std::invalid_argument with a sentence for what cannot be understood.
CommandLine parseCommandLine(int argc, char** argv);

extern const char* const kUsage;

}  // namespace vx11

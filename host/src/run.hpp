// The life of the process: command line, configuration, signals, exit code.
#pragma once

namespace vx11 {

// Serves until SIGTERM or SIGINT. Returns the exit code: 0, 1 (cannot start, one sentence on stderr) or 2
// (usage).
int run(int argc, char** argv);

}  // namespace vx11

// What the machine itself needs, measured in the same run: a bare posix_spawn of the command with capture and
// wait, and one fdatasync of 40 kB (about what a commit writes) to a fresh file.
#pragma once

#include <filesystem>

namespace vx11::bench {

// The code of the report's first task: what the bare spawn runs by `/bin/sh -c`, and vx11 as its `code`.
inline constexpr const char* kCommand = "echo TASK1_OK";

// Milliseconds of one bare spawn.
double bareSpawn();
// Bare spawns per second of `threads` threads that make `count` in all.
double bareRate(int count, int threads);
// Milliseconds of the fdatasync alone; the file is removed.
double fdatasyncOf40Kilobytes(const std::filesystem::path& directory);

}  // namespace vx11::bench

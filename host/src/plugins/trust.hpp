// Which files may become code of this process: only those that nobody but root and we ourselves could have
// written.
#pragma once

#include <filesystem>

#include "base/unique_fd.hpp"

namespace vx11::plugins {

// Checks a directory and each one above it: owner root or our effective user, not writable by group or
// others; a sticky directory of root's (/tmp) may be. `directory` is canonical. Throws Error{kConfiguration},
// a sentence with the command that mends it.
void checkDirectory(const std::filesystem::path& directory);

// Opens a plugin file for reading and checks it the same way: regular, no symbolic link, name ends in ".so".
// Its directory is to be checked by checkDirectory() first. The descriptor is close-on-exec. Throws as above.
UniqueFd openTrusted(const std::filesystem::path& file);

}  // namespace vx11::plugins

// Directories that the spawner works in: opened once, checked, and used through their descriptor from then
// on.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

// Opens a directory and locks it (flock) for this process. One that is missing is made with `mode` and for
// `owner`; its parent must exist. Throws CannotStart with a sentence naming `option` where it is a link, not
// a directory, or already locked.
UniqueFd openLockedDirectory(const std::string& path, mode_t mode, const std::string& option,
                             std::optional<uid_t> owner = std::nullopt);

// The path without links or dots. Throws CannotStart.
std::string absolutePath(const UniqueFd& directory);

// Throws CannotStart unless the directory belongs to us and nobody else may write to it.
void requirePrivate(const UniqueFd& directory, const std::string& path, const std::string& option);

// Throws CannotStart unless users without rights can pass through every directory above `path` (absolute).
void requirePassable(const std::string& path, const std::string& option);

}  // namespace vx11::spawner

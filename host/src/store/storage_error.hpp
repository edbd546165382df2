// From SQLite's failures to the host's error, with a sentence that says what to do.
#pragma once

#include <filesystem>

#include <Poco/Exception.h>

#include "base/error.hpp"

namespace vx11::store {

// kConflict where a UNIQUE column is taken, kInternal for a fault of the program's SQL, else kStorage.
Error storageError(const Poco::Exception& cause, const std::filesystem::path& file);

}  // namespace vx11::store

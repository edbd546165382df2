// How a daughter's output is kept: a TEXT column for people and SQL, and the exact bytes where that is not
// enough.
#pragma once

#include <optional>
#include <string>

namespace vx11::store {

// Nothing where the output is UTF-8 without NUL and can be kept as text as it is. Else the text to show in
// its place: each byte that is not UTF-8, and each NUL, as \xNN, and backslashes doubled.
std::optional<std::string> readableForm(const std::string& output);

}  // namespace vx11::store

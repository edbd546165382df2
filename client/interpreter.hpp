// Which task type a script is for.
#pragma once

#include <string>
#include <string_view>

namespace vx11::client {

// By the first line (#!), else by the name's extension: sh and dash are shell, python3.11 is python, .py is
// python. Another interpreter or extension is a type of that name, for a plugin may serve it. Empty: neither
// says anything.
std::string taskTypeOf(std::string_view name, std::string_view code);

}  // namespace vx11::client

#include "store/output_text.hpp"

#include <string_view>

#include "base/text.hpp"

namespace vx11::store {

std::optional<std::string> readableForm(const std::string& output) {
  auto nul = output.find('\0');
  if (nul == std::string::npos && text::isUtf8(output)) return std::nullopt;
  std::string shown;
  // NUL is well-formed UTF-8, but SQLite's shell and Poco end a text there.
  std::string_view rest = output;
  for (nul = rest.find('\0'); nul != std::string_view::npos; nul = rest.find('\0')) {
    shown += text::escapeInvalidUtf8(rest.substr(0, nul));
    shown += "\\x00";
    rest.remove_prefix(nul + 1);
  }
  return shown + text::escapeInvalidUtf8(rest);
}

}  // namespace vx11::store

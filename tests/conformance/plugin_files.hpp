// The plugins that the suite runs on.
#pragma once

#include <vx11/vx11.h>

#include <filesystem>
#include <string>
#include <vector>

namespace vx11::conformance {

// Every *.so of $VX11_PLUGINS, else of the build; sorted. Fails the test where there is none.
std::vector<std::filesystem::path> pluginFiles();

// A plugin mapped the way any host could, without ours: what the ABI says is all that is used.
class RawPlugin {
 public:
  explicit RawPlugin(const std::filesystem::path& file);
  const vx11_plugin_t& descriptor() const { return *descriptor_; }
  const vx11_interpreter_v1_t& interpreter() const;
  void* instance();  // made at the first call
  ~RawPlugin();
  RawPlugin(const RawPlugin&) = delete;
  RawPlugin& operator=(const RawPlugin&) = delete;

 private:
  const vx11_plugin_t* descriptor_ = nullptr;
  void* instance_ = nullptr;
};

inline vx11_str_t str(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string text(vx11_str_t str) {
  return str.n == 0 ? std::string() : std::string(str.p, str.n);
}

}  // namespace vx11::conformance

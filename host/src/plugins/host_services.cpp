#include "plugins/host_services.hpp"

#include <forward_list>
#include <mutex>
#include <string_view>

#include "base/log.hpp"
#include "plugins/abi_text.hpp"

namespace vx11::plugins {

namespace {

// Both are found again from the pointer that the plugin passes back, so each stands first in an object of
// ours.
struct LogService : vx11_log_v1_t {
  const std::string* plugin_id;
};

struct Services : vx11_host_t {
  std::string plugin_id;
  LogService log;
};

void writeLog(const vx11_log_v1_t* self, uint32_t level, vx11_str_t message) noexcept {
  try {
    const auto& plugin_id = *static_cast<const LogService*>(self)->plugin_id;
    const auto ours = level == VX11_LOG_INFO      ? log::Level::kInfo
                      : level == VX11_LOG_WARNING ? log::Level::kWarning
                                                  : log::Level::kError;
    log::write(ours, "plugin.says", {{"plugin", plugin_id}, {"message", readable(message)}});
  } catch (...) {
    // Out of memory: the line is lost, the plugin goes on.
  }
}

const void* service(const vx11_host_t* self, vx11_str_t id) noexcept {
  if (viewOf(id) != VX11_LOG_ID) return nullptr;
  return static_cast<const vx11_log_v1_t*>(&static_cast<const Services*>(self)->log);
}

}  // namespace

const vx11_host_t* hostFor(const std::string& plugin_id) {
  static std::mutex mutex;
  static auto& all = *new std::forward_list<Services>;  // outlives every plugin
  const std::lock_guard lock(mutex);
  for (const auto& known : all)
    if (known.plugin_id == plugin_id) return &known;
  auto& made = all.emplace_front();
  made.struct_size = sizeof(vx11_host_t);
  made.abi_major = VX11_ABI_MAJOR;
  made.abi_minor = VX11_ABI_MINOR;
  made.version = strOf(hostVersion());
  made.get_service = &service;
  made.plugin_id = plugin_id;
  made.log.struct_size = sizeof(vx11_log_v1_t);
  made.log.write = &writeLog;
  made.log.plugin_id = &made.plugin_id;
  return &made;
}

const char* hostVersion() {
  return VX11_VERSION;
}

}  // namespace vx11::plugins

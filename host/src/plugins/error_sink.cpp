#include "plugins/error_sink.hpp"

#include "base/log.hpp"
#include "plugins/abi_text.hpp"

namespace vx11::plugins {

namespace {

constexpr size_t kMaxFields = 100;

}  // namespace

ErrorSink::ErrorSink() {
  abi_.struct_size = sizeof(vx11_error_sink_t);
  abi_.set = &ErrorSink::set;
  abi_.field = &ErrorSink::field;
  abi_.owner = this;
}

void ErrorSink::set(const vx11_error_sink_t* self, int32_t, uint32_t, vx11_str_t message) noexcept {
  try {
    static_cast<const Abi*>(self)->owner->message_ = readable(message);
  } catch (...) {
    // Out of memory: the failure stays, its reason is lost.
  }
}

void ErrorSink::field(const vx11_error_sink_t* self, vx11_str_t name, vx11_str_t message) noexcept {
  try {
    auto& fields = static_cast<const Abi*>(self)->owner->fields_;
    if (fields.size() < kMaxFields) fields.push_back({readable(name), readable(message)});
  } catch (...) {
    // As above.
  }
}

void ErrorSink::leak(const std::string& plugin, const char* function, const std::string& what) {
  log::error("plugin.bug", {{"plugin", plugin}, {"function", function}, {"reason", "let an exception out"}});
  throw Error(ErrorCode::kInternal,
              "The plugin " + plugin + " let an exception out of " + function + "(): " + what);
}

void ErrorSink::raise(const std::string& plugin, const char* function, int32_t status) const {
  const std::string where = "The plugin " + plugin + " failed in " + function + "()";
  if (message_.empty()) {
    log::error("plugin.bug", {{"plugin", plugin},
                              {"function", function},
                              {"status", status},
                              {"reason", "failed without saying why"}});
    throw Error(ErrorCode::kInternal,
                where + " with status " + std::to_string(status) + " and did not say why.");
  }
  if (status == VX11_ERR_INVALID_ARG || status == VX11_ERR_NOT_SUPPORTED)
    throw Error(ErrorCode::kInvalidField, message_, fields_);
  throw Error(ErrorCode::kInternal, where + ": " + message_);
}

}  // namespace vx11::plugins

// Takes the reason of a plugin's failure and makes our Error of it.
#pragma once

#include <vx11/host.h>

#include <exception>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace vx11::plugins {

// For one call into one plugin, on one thread. Its functions never throw.
class ErrorSink {
 public:
  ErrorSink();
  ErrorSink(const ErrorSink&) = delete;
  ErrorSink& operator=(const ErrorSink&) = delete;

  // Calls call(sink), which returns a status, and returns on VX11_OK. Throws Error{kInvalidField} with the
  // plugin's sentence where it blames the request, else Error{kInternal} with the plugin's name. An exception
  // that leaks out of the plugin is caught where the two share a C++ runtime, which is luck: the barrier is
  // the plugin's own.
  template <class Call>
  void run(const std::string& plugin, const char* function, Call&& call) {
    int32_t status = VX11_ERR_INTERNAL;
    try {
      status = call(static_cast<const vx11_error_sink_t*>(&abi_));
    } catch (const std::exception& leaked) {
      leak(plugin, function, leaked.what());
    } catch (...) {
      leak(plugin, function, "not a std::exception");
    }
    if (status != VX11_OK) raise(plugin, function, status);
  }

 private:
  struct Abi : vx11_error_sink_t {
    ErrorSink* owner;
  };

  static void set(const vx11_error_sink_t* self, int32_t status, uint32_t flags, vx11_str_t message) noexcept;
  static void field(const vx11_error_sink_t* self, vx11_str_t name, vx11_str_t message) noexcept;
  [[noreturn]] static void leak(const std::string& plugin, const char* function, const std::string& what);
  [[noreturn]] void raise(const std::string& plugin, const char* function, int32_t status) const;

  Abi abi_{};
  std::string message_;
  std::vector<FieldError> fields_;
};

}  // namespace vx11::plugins

// A shared object in this process: the only file that knows Boost.DLL.
#pragma once

#include <filesystem>

namespace vx11::plugins {

// Mapped until the process ends. Rationale: code of a plugin may be on a stack or in a destructor at any
// time, and glibc keeps many libraries resident after dlclose anyway.
class Library {
 public:
  // Maps the file with all symbols resolved at once and visible to itself only. `file` is absolute. Its
  // static constructors run here; one that throws ends the process (no frame of the dynamic loader can be
  // unwound), after a log line that names the file. Throws Error{kConfiguration} with the dynamic loader's
  // own text.
  static Library open(const std::filesystem::path& file);

  // The address of a function; nullptr where the library does not export that name.
  template <class Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(address(name));
  }

 private:
  explicit Library(void* handle) : handle_(handle) {}
  void* address(const char* name) const;

  void* handle_;  // of dlopen(3)
};

}  // namespace vx11::plugins

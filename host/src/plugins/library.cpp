#include "plugins/library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>

#include <boost/dll/shared_library.hpp>

#include "base/error.hpp"
#include "base/log.hpp"

namespace vx11::plugins {

namespace {

std::mutex mapping_mutex;
// Never destroyed: its destructor would unmap plugins while other static destructors still run.
auto& kept = *new std::deque<boost::dll::shared_library>;
const char* mapping_file = "";
std::terminate_handler previous_handler = nullptr;

[[noreturn]] void blameAndTerminate() {
  log::error("plugin.fatal",
             {{"file", mapping_file},
              {"reason",
               "a static constructor of this plugin threw an exception, which ends the process: "
               "move the file out of the plugin directory, or move that work into start()"}});
  if (previous_handler != nullptr) previous_handler();
  std::abort();
}

// Sets who is to blame while code of the file runs that nothing can catch.
class Blame {
 public:
  explicit Blame(const char* file) {
    mapping_file = file;
    previous_handler = std::set_terminate(blameAndTerminate);
  }
  Blame(const Blame&) = delete;
  Blame& operator=(const Blame&) = delete;
  ~Blame() { std::set_terminate(previous_handler); }
};

}  // namespace

Library Library::open(const std::filesystem::path& file) {
  const std::lock_guard lock(mapping_mutex);
  boost::dll::shared_library library;
  std::error_code error;
  {
    const Blame blame(file.c_str());
    library.load(file, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  }
  if (error) {
    // Boost keeps only the code; the sentence that helps is still with the dynamic loader.
    const char* text = ::dlerror();
    throw Error(ErrorCode::kConfiguration, "The dynamic loader refuses it: " +
                                               std::string(text != nullptr ? text : error.message().c_str()) +
                                               ". Install what it names, or build the plugin again.");
  }
  kept.push_back(std::move(library));
  return Library(kept.back().native());
}

// Boost's get<>() throws for a missing name, and for the caller a missing name is a normal answer.
void* Library::address(const char* name) const {
  return ::dlsym(handle_, name);
}

}  // namespace vx11::plugins

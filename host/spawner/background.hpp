// Leaving the terminal behind, without leaving the starter in the dark about the outcome.
#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

// With `enabled`, splits off a process in a session of its own. The started process stays until ready() or
// failed(), then ends with status 0, or with the one given after printing the sentence. Without, nothing
// happens but the printing.
class Background {
 public:
  // Returns in the process that goes on. Throws CannotStart.
  explicit Background(bool enabled);

  // stdin, stdout and stderr become /dev/null; the started process ends with 0.
  void ready();
  void failed(const std::string& sentence, int status);

 private:
  UniqueFd outcome_;
};

}  // namespace vx11::spawner

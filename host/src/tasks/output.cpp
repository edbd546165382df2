#include "tasks/output.hpp"

#include <sys/stat.h>

#include "base/error.hpp"
#include "tasks/engine.hpp"

namespace vx11::tasks {

Output Engine::output(const View& ended, Stream stream) const {
  const auto& end = *ended.row.end;
  const bool is_out = stream == Stream::kOut;
  const auto& name = is_out ? end.out_file : end.err_file;
  Output output;
  output.written = static_cast<uint64_t>(is_out ? end.out_bytes : end.err_bytes);
  if (name.empty()) {
    output.bytes = is_out ? end.out : end.err;
    output.size = output.bytes.size();
    return output;
  }
  output.file = executor_->openOutput(name);
  struct stat status {};
  if (!output.file || fstat(output.file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw Error(
        ErrorCode::kNotFound,
        "the output of " + ended.row.name + " is not in the spool any more: " + "its file was " + name,
        "GET /vx11/result/" + ended.row.name + " has its beginning");
  }
  output.size = static_cast<uint64_t>(status.st_size);
  return output;
}

}  // namespace vx11::tasks

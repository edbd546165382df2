// What a spawner that is gone had written of an attempt's output.
#pragma once

#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"
#include "spawner_client/client.hpp"

namespace vx11::spawner_client {

struct LeftOutput {
  OutputStream out;
  OutputStream err;
  bool empty() const { return out.spool_file.empty() && err.spool_file.empty(); }
};

// Looks for the files NONCE.out and NONCE.err of the spool directory, which are there from the moment when a
// stream was longer than its inline part; what was shorter died with the spawner. `inline_bytes`: how much of
// each to read. Call it when no spawner uses the directory that could still write to them.
LeftOutput readLeftOutput(const std::filesystem::path& spool, const std::string& nonce,
                          uint64_t inline_bytes);

// The names of an attempt's files in the spool.
std::string spooledOut(const std::string& nonce);
std::string spooledErr(const std::string& nonce);

// A file of the spool for reading; empty, with errno, where there is none of that name.
UniqueFd openSpooled(const std::filesystem::path& spool, const std::string& name);

}  // namespace vx11::spawner_client

// What a plugin file says about itself, read before any of its code runs (dlopen runs static constructors).
//
// Formats: System V ABI, chapter 5 (program header, note section); vx11_note_t in vx11/plugin.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vx11::plugins {

struct PluginNote {
  uint32_t abi_major = 0;
  uint32_t abi_minor_built = 0;
  uint32_t abi_minor_required = 0;
  uint64_t kinds = 0;  // VX11_KIND_*
  std::string id;      // [A-Za-z0-9._-], not empty
  std::string version;
  std::string sdk_version;
  std::string sdk_commit;  // may be empty
};

// Reads the note by pread(2); the descriptor's offset stays. The file is not trusted: every offset and length
// is checked against its size. Throws Error{kConfiguration}, a sentence that says what to change, where the
// file is not a shared object of this machine, is cut short, or has no whole note of ours.
PluginNote readNote(int fd);

// The interfaces behind a note's bits: "vx11.interpreter/1"; an unknown bit is named, never left out.
std::vector<std::string> kindNames(uint64_t kinds);

}  // namespace vx11::plugins

// The rule that decides which plugins this host can talk to.
#pragma once

#include <vx11/abi.h>

#include <cstdint>
#include <optional>
#include <string>

#include "plugins/elf_note.hpp"

namespace vx11::plugins {

struct HostAbi {
  uint32_t major = VX11_ABI_MAJOR;
  uint32_t minor = VX11_ABI_MINOR;
  std::string version;  // the host's own, for the sentence
};

// nullopt: load it, for the major is ours and the plugin needs no newer minor than we have. What it was built
// with may be newer. Otherwise a sentence with both versions and what to change. Pure.
std::optional<std::string> versionFault(const PluginNote& plugin, const HostAbi& host);

}  // namespace vx11::plugins

// A plugin file in memory that a test may damage: where its headers and its note lie, and its bytes as a
// descriptor.
#pragma once

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vx11/plugin.h>

#include <stdexcept>
#include <string>

#include "base/unique_fd.hpp"
#include "stage.hpp"

namespace vx11::plugins {

struct NoteFile {
  std::string bytes = readFile(FIXTURES "/good.so");

  size_t noteOffset() const {
    constexpr char kStart[] = {5, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 'V', 'X', '1', '1', 0};
    return bytes.find(std::string(kStart, sizeof kStart));
  }
  vx11_elf_note_t note() const {
    vx11_elf_note_t copy;
    memcpy(&copy, bytes.data() + noteOffset(), sizeof copy);
    return copy;
  }
  void setNote(const vx11_elf_note_t& changed) {
    memcpy(bytes.data() + noteOffset(), &changed, sizeof changed);
  }

  Elf64_Ehdr header() const {
    Elf64_Ehdr copy;
    memcpy(&copy, bytes.data(), sizeof copy);
    return copy;
  }
  void setHeader(const Elf64_Ehdr& changed) { memcpy(bytes.data(), &changed, sizeof changed); }

  UniqueFd open() const { return open(bytes); }
  static UniqueFd open(const std::string& content) {
    UniqueFd fd(::memfd_create("plugin", MFD_CLOEXEC));
    if (::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()))
      throw std::runtime_error("memfd");
    return fd;
  }
};

}  // namespace vx11::plugins

// Every cut and every damaged byte gives a note or a refusal, never a crash; sanitizers watch.
#include <random>

#include "base/error.hpp"
#include "catch.hpp"
#include "note_file.hpp"
#include "plugins/elf_note.hpp"

namespace vx11::plugins {

namespace {

// Whether a note was found; anything but an Error fails the test.
bool found(const std::string& bytes) {
  const auto fd = NoteFile::open(bytes);
  try {
    readNote(fd.get());
    return true;
  } catch (const Error&) {
    return false;
  }
}

// The end of what is mapped: a file may lose what lies behind it (debug information), nothing before.
size_t mappedEnd(const NoteFile& file) {
  size_t end = 0;
  const auto header = file.header();
  for (size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, file.bytes.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD) end = std::max<size_t>(end, segment.p_offset + segment.p_filesz);
  }
  return end;
}

}  // namespace

TEST_CASE("elf note: a file cut anywhere is refused, so that mapping it cannot fault") {
  const NoteFile file;
  const size_t end = mappedEnd(file);
  REQUIRE(end > 2048);
  for (size_t length = 0; length < end; length += length < 2048 ? 1 : 61) {
    INFO("cut to " << length);
    REQUIRE_FALSE(found(file.bytes.substr(0, length)));
  }
  CHECK(found(file.bytes.substr(0, end)));
}

TEST_CASE("elf note: damaged headers and notes never crash the reader") {
  const NoteFile file;
  const size_t note = file.noteOffset();
  const size_t interesting = std::max(note + sizeof(vx11_elf_note_t), size_t{1024});
  for (size_t at = 0; at < interesting; ++at)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = file.bytes.substr(0, interesting + 4096);
      damaged[at] = static_cast<char>(value);
      found(damaged);
    }
}

TEST_CASE("elf note: random damage never crashes the reader") {
  const NoteFile file;
  std::mt19937 random(20260102);  // the same every time
  for (int round = 0; round < 3000; ++round) {
    auto damaged = file.bytes;
    for (int change = 0; change < 8; ++change)
      damaged[random() % std::min<size_t>(damaged.size(), 2048)] = static_cast<char>(random());
    found(damaged);
  }
}

}  // namespace vx11::plugins

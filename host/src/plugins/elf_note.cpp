#include "plugins/elf_note.hpp"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vx11/interpreter.h>
#include <vx11/plugin.h>

#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace vx11::plugins {

namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr uint16_t kMachine = EM_RISCV;
#else
#error "name this machine's EM_* constant"
#endif

// Real files have about ten headers and a few hundred bytes of notes.
constexpr size_t kMaxProgramHeaders = 256;
constexpr uint64_t kMaxNoteSegmentBytes = 64 * 1024;

[[noreturn]] void refuseFile(const std::string& sentence) {
  throw Error(ErrorCode::kConfiguration, sentence);
}

[[noreturn]] void refuseCut() {
  refuseFile("The file is cut short: copy or build it again.");
}

[[noreturn]] void refuseWithoutNote() {
  refuseFile(
      "It has no vx11 note, so it is no vx11 plugin: build it with vx11_add_plugin(), or take it out of the "
      "plugin "
      "directory.");
}

void readAt(int fd, uint64_t offset, void* into, size_t size) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::pread(fd, at, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuseFile(std::string("It cannot be read (") + strerror(errno) + "): check the disk.");
    if (got == 0) refuseCut();
    at += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
}

uint64_t fileSize(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    refuseFile(std::string("It cannot be read (") + strerror(errno) + "): check the disk.");
  return static_cast<uint64_t>(status.st_size);
}

Elf64_Ehdr readElfHeader(int fd, uint64_t size) {
  Elf64_Ehdr header{};
  if (size < sizeof header)
    refuseFile("It is not a shared object (ELF file): only plugins may end in .so here.");
  readAt(fd, 0, &header, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    refuseFile("It is not a shared object (ELF file): only plugins may end in .so here.");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kMachine)
    refuseFile("It was built for another kind of machine: build it on this one.");
  if (header.e_type != ET_DYN)
    refuseFile("It is an ELF file, but no shared object: build it with vx11_add_plugin().");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > kMaxProgramHeaders)
    refuseFile("Its ELF header is damaged: copy or build it again.");
  return header;
}

bool within(uint64_t offset, uint64_t length, uint64_t size) {
  return offset <= size && length <= size - offset;
}

std::vector<Elf64_Phdr> readProgramHeaders(int fd, const Elf64_Ehdr& header, uint64_t size) {
  std::vector<Elf64_Phdr> all(header.e_phnum);
  const size_t bytes = all.size() * sizeof(Elf64_Phdr);
  if (!within(header.e_phoff, bytes, size)) refuseCut();
  readAt(fd, header.e_phoff, all.data(), bytes);
  // The dynamic loader would die of SIGBUS on pages behind the end of the file.
  for (const auto& segment : all)
    if (segment.p_type == PT_LOAD && !within(segment.p_offset, segment.p_filesz, size)) refuseCut();
  return all;
}

uint64_t padded(uint64_t length, uint64_t alignment) {
  return (length + alignment - 1) / alignment * alignment;
}

// The content of the note that is ours in one segment. nullopt where there is none; a torn list ends the
// search.
std::optional<std::string> findNote(std::string_view segment, uint64_t alignment) {
  while (segment.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header{};
    memcpy(&header, segment.data(), sizeof header);
    segment.remove_prefix(sizeof header);
    const uint64_t owner_bytes = padded(header.n_namesz, alignment);
    if (owner_bytes > segment.size()) return std::nullopt;
    const auto owner = segment.substr(0, header.n_namesz);
    segment.remove_prefix(owner_bytes);
    constexpr std::string_view kOwner(VX11_NOTE_OWNER, sizeof(VX11_NOTE_OWNER));
    if (owner == kOwner && header.n_type == VX11_NOTE_TYPE)
      return std::string(segment.substr(0, header.n_descsz));
    const uint64_t content_bytes = padded(header.n_descsz, alignment);
    if (content_bytes > segment.size()) return std::nullopt;
    segment.remove_prefix(content_bytes);
  }
  return std::nullopt;
}

template <size_t Size>
std::string textField(const char (&field)[Size], const char* name) {
  const size_t length = strnlen(field, Size);
  bool good = length < Size;
  for (const char c : std::string_view(field, length)) good = good && c > 0x20 && c < 0x7f;
  if (!good)
    refuseFile(std::string("Its vx11 note has a bad ") + name +
               " (too long, or other characters than printable ASCII): build it again.");
  return {field, length};
}

PluginNote decode(const std::string& content) {
  vx11_note_t raw{};
  if (content.size() < sizeof raw) refuseFile("Its vx11 note is cut: build it again with vx11_add_plugin().");
  memcpy(&raw, content.data(), sizeof raw);
  if (memcmp(raw.magic, VX11_NOTE_MAGIC, sizeof raw.magic) != 0 || raw.note_size < sizeof raw)
    refuseFile("Its vx11 note is damaged: build it again with vx11_add_plugin().");
  PluginNote note;
  note.abi_major = raw.abi_major;
  note.abi_minor_built = raw.abi_minor_built;
  note.abi_minor_required = raw.abi_minor_required;
  note.kinds = raw.kinds[0] | uint64_t{raw.kinds[1]} << 32;
  note.id = textField(raw.id, "id");
  note.version = textField(raw.version, "version");
  note.sdk_version = textField(raw.sdk_version, "SDK version");
  note.sdk_commit = textField(raw.sdk_commit, "SDK commit");
  const auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (note.id.empty() || note.id.find_first_not_of(allowed) != std::string::npos)
    refuseFile(
        "The id in its vx11 note must be 1 to 79 of [A-Za-z0-9._-], as org.example.lua: change it in "
        "VX11_PLUGIN.");
  return note;
}

}  // namespace

PluginNote readNote(int fd) {
  const uint64_t size = fileSize(fd);
  const auto segments = readProgramHeaders(fd, readElfHeader(fd, size), size);
  for (const auto& segment : segments) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > kMaxNoteSegmentBytes) continue;
    if (!within(segment.p_offset, segment.p_filesz, size)) refuseCut();
    std::string content(segment.p_filesz, '\0');
    readAt(fd, segment.p_offset, content.data(), content.size());
    // Notes are aligned to 4; GNU properties, in a segment of their own, to 8.
    if (const auto note = findNote(content, segment.p_align == 8 ? 8 : 4)) return decode(*note);
  }
  refuseWithoutNote();
}

std::vector<std::string> kindNames(uint64_t kinds) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    const uint64_t kind = uint64_t{1} << bit;
    if ((kinds & kind) == 0) continue;
    names.push_back(kind == VX11_KIND_INTERPRETER ? VX11_INTERPRETER_ID
                                                  : "unknown kind (bit " + std::to_string(bit) + ")");
  }
  return names;
}

}  // namespace vx11::plugins

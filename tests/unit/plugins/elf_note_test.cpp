#include "plugins/elf_note.hpp"

#include "note_file.hpp"
#include "refusal.hpp"

namespace vx11::plugins {

namespace {

std::string noteRefusal(const std::string& bytes) {
  const auto fd = NoteFile::open(bytes);
  return refusal(ErrorCode::kConfiguration, [&] { readNote(fd.get()); });
}

std::string noteRefusal(const vx11_elf_note_t& changed) {
  NoteFile file;
  file.setNote(changed);
  return noteRefusal(file.bytes);
}

}  // namespace

using Catch::Matchers::Contains;

TEST_CASE("elf note: a plugin is known without running it") {
  const auto fd = NoteFile().open();
  const auto note = readNote(fd.get());
  CHECK(note.id == "org.test.fixture");
  CHECK(note.version == "1.2.3");
  CHECK(note.sdk_version == "9.9.9");
  CHECK(note.sdk_commit.empty());
  CHECK(note.abi_major == VX11_ABI_MAJOR);
  CHECK(note.abi_minor_built == 9);
  CHECK(note.abi_minor_required == VX11_TARGET_MINOR);
  CHECK(kindNames(note.kinds) == std::vector<std::string>{"vx11.interpreter/1"});
}

TEST_CASE("elf note: an unknown kind is named, not dropped") {
  CHECK(kindNames(1 | uint64_t{1} << 40) ==
        std::vector<std::string>{"vx11.interpreter/1", "unknown kind (bit 40)"});
}

TEST_CASE("elf note: what is no shared object is refused as such") {
  CHECK_THAT(noteRefusal(std::string()), Contains("not a shared object"));
  CHECK_THAT(noteRefusal(std::string("just text\n")), Contains("not a shared object"));
  CHECK_THAT(noteRefusal(std::string(4096, '\0')), Contains("not a shared object"));
}

TEST_CASE("elf note: another machine, class or byte order is refused") {
  NoteFile file;
  auto header = file.header();
  SECTION("machine") {
    header.e_machine = EM_68K;
  }
  SECTION("class") {
    header.e_ident[EI_CLASS] = ELFCLASS32;
  }
  SECTION("byte order") {
    header.e_ident[EI_DATA] = ELFDATA2MSB;
  }
  file.setHeader(header);
  CHECK_THAT(noteRefusal(file.bytes), Contains("another kind of machine"));
}

TEST_CASE("elf note: an ELF file that is no shared object is refused") {
  NoteFile file;
  auto header = file.header();
  header.e_type = ET_REL;
  file.setHeader(header);
  CHECK_THAT(noteRefusal(file.bytes), Contains("no shared object"));
}

TEST_CASE("elf note: program headers outside the file are refused") {
  NoteFile file;
  auto header = file.header();
  SECTION("behind the end") {
    header.e_phoff = file.bytes.size();
    file.setHeader(header);
    CHECK_THAT(noteRefusal(file.bytes), Contains("cut short"));
  }
  SECTION("wrapping around") {
    header.e_phoff = UINT64_MAX - 8;
    file.setHeader(header);
    CHECK_THAT(noteRefusal(file.bytes), Contains("cut short"));
  }
  SECTION("too many") {
    header.e_phnum = 0xffff;
    file.setHeader(header);
    CHECK_THAT(noteRefusal(file.bytes), Contains("damaged"));
  }
}

TEST_CASE("elf note: a library without our note is refused with what to do") {
  const auto fd = NoteFile::open(readFile(FIXTURES "/no_note.so"));
  CHECK_THAT(refusal(ErrorCode::kConfiguration, [&] { readNote(fd.get()); }),
             Contains("no vx11 note") && Contains("vx11_add_plugin"));
}

TEST_CASE("elf note: another owner or type is not ours") {
  auto note = NoteFile().note();
  SECTION("owner") {
    note.owner[3] = '2';
  }
  SECTION("type") {
    note.type = 2;
  }
  CHECK_THAT(noteRefusal(note), Contains("no vx11 note"));
}

TEST_CASE("elf note: lengths that lie are refused") {
  auto note = NoteFile().note();
  SECTION("owner longer than everything") {
    note.owner_size = UINT32_MAX;
    CHECK_THAT(noteRefusal(note), Contains("no vx11 note"));
  }
  SECTION("content shorter than it must be") {
    note.note_size = 255;
    CHECK_THAT(noteRefusal(note), Contains("cut"));
  }
  SECTION("says that it is shorter") {
    note.note.note_size = 128;
    CHECK_THAT(noteRefusal(note), Contains("damaged"));
  }
  SECTION("magic") {
    note.note.magic[0] = 'v';
    CHECK_THAT(noteRefusal(note), Contains("damaged"));
  }
}

TEST_CASE("elf note: a content that a newer SDK made longer is read as far as it is known") {
  auto note = NoteFile().note();
  note.note_size = UINT32_MAX;
  note.note.note_size = 512;
  NoteFile file;
  file.setNote(note);
  const auto fd = file.open();
  CHECK(readNote(fd.get()).id == "org.test.fixture");
}

TEST_CASE("elf note: texts must end within their field and be printable") {
  auto note = NoteFile().note();
  SECTION("id without an end") {
    memset(note.note.id, 'a', sizeof note.note.id);
    CHECK_THAT(noteRefusal(note), Contains("bad id"));
  }
  SECTION("id empty") {
    memset(note.note.id, 0, sizeof note.note.id);
    CHECK_THAT(noteRefusal(note), Contains("[A-Za-z0-9._-]"));
  }
  SECTION("version with a control character") {
    note.note.version[0] = '\n';
    CHECK_THAT(noteRefusal(note), Contains("bad version"));
  }
  SECTION("SDK version without an end") {
    memset(note.note.sdk_version, '1', sizeof note.note.sdk_version);
    CHECK_THAT(noteRefusal(note), Contains("bad SDK version"));
  }
}

}  // namespace vx11::plugins

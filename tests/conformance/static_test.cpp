// What can be seen of a plugin file without running it.
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "plugin_files.hpp"
#include "plugins/elf_note.hpp"
#include "plugins/trust.hpp"
#include "stage.hpp"

namespace vx11::conformance {

namespace {

// Lines of `nm -D` of one sort: "T vx11_plugin_entry_v1".
std::vector<std::string> symbols(const std::filesystem::path& file, const std::string& sort) {
  const std::string command = "nm -D --format=posix " + sort + " '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  REQUIRE(pipe != nullptr);
  std::vector<std::string> names;
  char line[4096];
  while (::fgets(line, sizeof line, pipe.get()) != nullptr) {
    std::string name;
    std::istringstream(line) >> name;
    names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("every plugin: exports its entry function and nothing else") {
  for (const auto& file : pluginFiles()) {
    INFO(file);
    CHECK(symbols(file, "--defined-only") == std::vector<std::string>{VX11_PLUGIN_ENTRY});
  }
}

TEST_CASE("every plugin: wants no symbol of the host") {
  for (const auto& file : pluginFiles()) {
    INFO(file);
    for (const auto& name : symbols(file, "--undefined-only")) CHECK(name.find("vx11") == std::string::npos);
  }
}

TEST_CASE("every plugin: its note says what its descriptor says") {
  const plugins::Stage stage;
  for (const auto& file : pluginFiles()) {
    INFO(file);
    const auto fd = plugins::openTrusted(stage.add(file));
    const auto note = plugins::readNote(fd.get());
    RawPlugin plugin(file);
    CHECK(note.id == text(plugin.descriptor().id));
    CHECK(note.version == text(plugin.descriptor().version));
    CHECK(note.abi_major == VX11_ABI_MAJOR);
    CHECK(note.abi_minor_required <= VX11_ABI_MINOR);
    const bool has_interpreter = plugin.descriptor().get_interface(str(VX11_INTERPRETER_ID)) != nullptr;
    CHECK(((note.kinds & VX11_KIND_INTERPRETER) != 0) == has_interpreter);
  }
}

}  // namespace vx11::conformance

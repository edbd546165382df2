#include <sys/stat.h>

#include <filesystem>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

Json::Ptr entryOf(const Answer& answer, const std::string& file) {
  const auto plugins = answer.json()->getArray("plugins");
  for (unsigned i = 0; i < plugins->size(); ++i) {
    const auto entry = plugins->getObject(i);
    if (std::filesystem::path(entry->getValue<std::string>("file")).filename() == file) return entry;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("plugins: each interpreter is listed as loaded with what it serves") {
  Daemon daemon;
  daemon.start();
  const auto answer = daemon.http().get("/vx11/plugins");
  REQUIRE(answer.status == 200);
  CHECK(words(answer.json()->getArray("task_types")) == Strings{"bash", "python", "shell"});
  for (const char* name : {"shell", "bash", "python"}) {
    INFO(name);
    const auto entry = entryOf(answer, std::string(name) + ".so");
    REQUIRE(entry);
    CHECK(entry->getValue<std::string>("state") == "loaded");
    CHECK(entry->isNull("reason"));
    CHECK(entry->getValue<std::string>("id") == std::string("org.vx11.") + name);
    CHECK(entry->getValue<std::string>("name") == name);
    CHECK_FALSE(entry->getValue<std::string>("version").empty());
    CHECK_FALSE(entry->getValue<std::string>("sdk_version").empty());
    CHECK(words(entry->getArray("kinds")) == Strings{"vx11.interpreter/1"});
    CHECK(words(entry->getArray("task_types")) == Strings{name});
  }
}

TEST_CASE("plugins: a file that cannot be loaded is listed as refused with a reason, and the others work") {
  Daemon daemon;
  const auto own = daemon.directory() / "plugins";
  std::filesystem::create_directory(own);
  chmod(own.c_str(), 0755);
  writeFile(own / "text.so", "this is no library");
  writeFile(own / "writable.so", "x", 0666);
  // A real library, and no plugin.
  std::filesystem::path libc;
  for (const char* path :
       {"/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6"}) {
    if (std::filesystem::exists(path)) libc = path;
  }
  if (!libc.empty()) writeFile(own / "libm.so", readFile(libc), 0755);
  daemon.set("plugins.path", own.string() + ":" + daemon.setting("plugins.path"));
  daemon.start();
  const auto answer = daemon.http().get("/vx11/plugins");
  for (const char* name : {"text.so", "writable.so", "libm.so"}) {
    if (libc.empty() && std::string(name) == "libm.so") continue;
    INFO(name);
    const auto entry = entryOf(answer, name);
    REQUIRE(entry);
    CHECK(entry->getValue<std::string>("state") == "refused");
    CHECK(entry->getValue<std::string>("reason").size() > 10);
    CHECK(entry->isNull("id"));
  }
  CHECK_THAT(entryOf(answer, "writable.so")->getValue<std::string>("reason"), Contains("writ"));
  CHECK(words(answer.json()->getArray("task_types")) == Strings{"bash", "python", "shell"});
  daemon.openWindow("spawner");
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
}

TEST_CASE("plugins: with none the host serves, and an unknown task_type says what is wrong") {
  Daemon daemon;
  const auto empty = daemon.directory() / "none";
  std::filesystem::create_directory(empty);
  daemon.set("plugins.path", empty.string());
  daemon.start();
  daemon.openWindow("spawner");
  const auto answer = daemon.http().post("/vx11/spawn", shell("true"));
  checkProblem(answer, 422, "invalid_field", "task_type");
  CHECK_THAT(complaint(answer, "task_type"), Contains("/vx11/plugins"));
  CHECK(daemon.http().get("/vx11/plugins").json()->getArray("plugins")->size() == 0);
}

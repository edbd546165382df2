// What every plugin has to do with whatever it is given, through the ABI alone.
#include <stdlib.h>
#include <string.h>

#include <memory>

#include "catch.hpp"
#include "plugin_files.hpp"

namespace vx11::conformance {

namespace {

// Writes down every call of a plan; it copies at once, as the host does.
struct Recorder : vx11_plan_sink_t {
  Recorder() : vx11_plan_sink_t{} {
    struct_size = sizeof(vx11_plan_sink_t);
    program = [](const vx11_plan_sink_t* self, vx11_str_t a) { note(self, "program", a); };
    arg = [](const vx11_plan_sink_t* self, vx11_str_t a) { note(self, "arg", a); };
    arg_file = [](const vx11_plan_sink_t* self, vx11_str_t a) { note(self, "arg_file", a); };
    file = [](const vx11_plan_sink_t* self, vx11_str_t a, vx11_str_t b, uint32_t mode) {
      note(self, "file " + std::to_string(mode), a);
      of(self).content = text(b);
    };
    env_set = [](const vx11_plan_sink_t* self, vx11_str_t a, vx11_str_t b) {
      note(self, "env " + text(b), a);
    };
    stdin_bytes = [](const vx11_plan_sink_t* self, vx11_str_t a) { note(self, "stdin", a); };
    cwd = [](const vx11_plan_sink_t* self, vx11_str_t a) { note(self, "cwd", a); };
  }
  static Recorder& of(const vx11_plan_sink_t* self) {
    return const_cast<Recorder&>(*static_cast<const Recorder*>(self));
  }
  static void note(const vx11_plan_sink_t* self, const std::string& call, vx11_str_t value) {
    of(self).calls.push_back(call + "=" + text(value));
  }
  bool operator==(const Recorder& other) const { return calls == other.calls && content == other.content; }

  std::vector<std::string> calls;
  std::string content;  // of the last file
};

struct Description : vx11_describe_sink_t {
  Description() : vx11_describe_sink_t{} {
    struct_size = sizeof(vx11_describe_sink_t);
    task_type = [](const vx11_describe_sink_t* self, vx11_str_t name) {
      const_cast<Description&>(*static_cast<const Description*>(self)).task_types.push_back(text(name));
    };
    program = [](const vx11_describe_sink_t*, vx11_str_t) {};
    install_hint = [](const vx11_describe_sink_t*, vx11_str_t) {};
  }
  std::vector<std::string> task_types;
};

struct Reason : vx11_error_sink_t {
  Reason() : vx11_error_sink_t{} {
    struct_size = sizeof(vx11_error_sink_t);
    set = [](const vx11_error_sink_t* self, int32_t, uint32_t, vx11_str_t a) {
      const_cast<Reason&>(*static_cast<const Reason*>(self)).message = text(a);
    };
    field = [](const vx11_error_sink_t*, vx11_str_t, vx11_str_t) {};
  }
  std::string message;
};

std::string taskTypeOf(RawPlugin& plugin) {
  Description description;
  Reason reason;
  REQUIRE(plugin.interpreter().describe(plugin.instance(), &description, &reason) == VX11_OK);
  REQUIRE_FALSE(description.task_types.empty());
  return description.task_types[0];
}

// Calls plan() with a request in memory of exactly its size, so that a sanitizer sees a read behind it.
int32_t plan(RawPlugin& plugin, const vx11_task_request_t& request, uint32_t struct_size, Recorder& plan,
             Reason& reason) {
  const std::unique_ptr<void, decltype(&::free)> cut(::malloc(struct_size), &::free);
  memcpy(cut.get(), &request, struct_size);
  auto* const given = static_cast<vx11_task_request_t*>(cut.get());
  memcpy(cut.get(), &struct_size, sizeof struct_size);
  const auto status = plugin.interpreter().plan(plugin.instance(), given, &plan, &reason);
  CHECK((status == VX11_OK || !reason.message.empty()));
  memset(cut.get(), 0x5a, struct_size);  // it was borrowed
  return status;
}

// Points into both.
vx11_task_request_t requestFor(std::string_view task_type, std::string_view code) {
  vx11_task_request_t request{};
  request.struct_size = sizeof request;
  request.task_type = str(task_type);
  request.code = str(code);
  return request;
}

}  // namespace

TEST_CASE("every plugin: an interface that it does not have is NULL, whatever the id looks like") {
  for (const auto& file : pluginFiles()) {
    INFO(file);
    RawPlugin plugin(file);
    const auto interface = plugin.descriptor().get_interface;
    for (const std::string id : {"", "vx11.interpreter", "vx11.interpreter/", "vx11.interpreter/2",
                                 "vx11.interpreter/1x", "vx11.scanner/1", "VX11.INTERPRETER/1"})
      CHECK(interface(str(id)) == nullptr);
    CHECK(interface(str(std::string_view("vx11.interpreter/1\0", 19))) == nullptr);
    CHECK(interface(vx11_str_t{nullptr, 0}) == nullptr);
    // Not ended by NUL: only the length counts.
    CHECK(interface(str(std::string_view("vx11.interpreter/1garbage", 18))) != nullptr);
  }
}

TEST_CASE("every plugin: the same request gives the same plan, from any instance") {
  for (const auto& file : pluginFiles()) {
    INFO(file);
    RawPlugin plugin(file);
    RawPlugin second(file);
    const auto type = taskTypeOf(plugin);
    const auto request = requestFor(type, "code");
    Recorder first;
    Recorder again;
    Recorder other;
    Reason reason;
    CHECK(plan(plugin, request, sizeof request, first, reason) == VX11_OK);
    CHECK(plan(plugin, request, sizeof request, again, reason) == VX11_OK);
    CHECK(plan(second, request, sizeof request, other, reason) == VX11_OK);
    CHECK(first == again);
    CHECK(first == other);
  }
}

TEST_CASE(
    "every plugin: 8 MiB of any bytes but NUL arrive exact to the byte, in a file and not in an argument") {
  std::string code(8 << 20, '\0');
  for (size_t i = 0; i < code.size(); ++i) code[i] = static_cast<char>(1 + i * 7 % 255);
  for (const auto& file : pluginFiles()) {
    INFO(file);
    RawPlugin plugin(file);
    Recorder recorder;
    Reason reason;
    const auto type = taskTypeOf(plugin);
    const auto request = requestFor(type, code);
    REQUIRE(plan(plugin, request, sizeof request, recorder, reason) == VX11_OK);
    CHECK((recorder.content == code));
    for (const auto& call : recorder.calls) CHECK(call.size() < 1000);
  }
}

TEST_CASE("every plugin: a request of an older, shorter shape is read as far as it goes") {
  const std::vector<vx11_str_t> args{str("one")};
  for (const auto& file : pluginFiles()) {
    RawPlugin plugin(file);
    const auto type = taskTypeOf(plugin);
    auto request = requestFor(type, "code");
    request.args = args.data();
    request.args_count = 1;
    // Down to task_type and code, without which there is no request.
    for (uint32_t size = sizeof request; size >= offsetof(vx11_task_request_t, args); size -= 8) {
      INFO(file << " with " << size << " bytes");
      Recorder recorder;
      Reason reason;
      CHECK(plan(plugin, request, size, recorder, reason) == VX11_OK);
      CHECK(recorder.content == "code");
    }
  }
}

TEST_CASE("every plugin: a request of a newer, longer shape is read as ever") {
  struct Newer {
    vx11_task_request_t known;
    uint64_t tail[16];
  };
  for (const auto& file : pluginFiles()) {
    INFO(file);
    RawPlugin plugin(file);
    const auto type = taskTypeOf(plugin);
    Newer newer;
    memset(&newer, 0xee, sizeof newer);
    newer.known = requestFor(type, "code");
    newer.known.struct_size = sizeof newer;
    Recorder recorder;
    Recorder plain;
    Reason reason;
    CHECK(plugin.interpreter().plan(plugin.instance(), &newer.known, &recorder, &reason) == VX11_OK);
    CHECK(plan(plugin, requestFor(type, "code"), sizeof(vx11_task_request_t), plain, reason) == VX11_OK);
    CHECK(recorder == plain);
  }
}

TEST_CASE("every plugin: a sink that lacks what the plan needs is an error with a reason, not a crash") {
  for (const auto& file : pluginFiles()) {
    INFO(file);
    RawPlugin plugin(file);
    const auto type = taskTypeOf(plugin);
    Recorder older;
    older.struct_size = offsetof(vx11_plan_sink_t, arg);
    Reason reason;
    CHECK(plan(plugin, requestFor(type, "code"), sizeof(vx11_task_request_t), older, reason) != VX11_OK);
    CHECK_FALSE(reason.message.empty());
  }
}

}  // namespace vx11::conformance

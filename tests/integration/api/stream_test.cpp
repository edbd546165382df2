// GET /vx11/spawns/{id}/stream: output while it is written.
#include <filesystem>
#include <future>
#include <list>
#include <vector>

#include "calls.hpp"
#include "catch.hpp"
#include "event_stream.hpp"
#include "raw_client.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

std::string pathOf(const std::string& id) {
  return "/vx11/spawns/" + id + "/stream";
}

Streamed readWhole(const Daemon& daemon, const std::string& id, const std::string& last_id = {}) {
  EventStream stream(daemon, pathOf(id), last_id);
  return readAll(stream);
}

size_t spooledOutputs(const Daemon& daemon) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(daemon.stateDirectory() / "spool"))
    count += entry.path().extension() == ".out" || entry.path().extension() == ".err" ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("stream: what is written arrives while the task runs, and the end with the result") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  const auto id = accept(daemon, shell("echo one; " + waitFor(shared / "first") + "echo two >&2; " +
                                       waitFor(shared / "second") + "echo three; exit 3"));
  EventStream stream(daemon, pathOf(id));
  auto event = stream.next().value();
  CHECK(event.name == "stdout");
  CHECK(event.id == "stdout:4,stderr:0," + id);
  CHECK(event.data == R"({"text":"one\n"})");
  writeFile(shared / "first", "");
  event = stream.next().value();
  CHECK(event.name == "stderr");
  CHECK(event.id == "stdout:4,stderr:4," + id);
  CHECK(bytesOf(event) == "two\n");
  writeFile(shared / "second", "");
  CHECK(bytesOf(stream.next().value()) == "three\n");
  event = stream.next().value();
  CHECK(event.name == "end");
  CHECK(event.json()->getValue<int>("exit_code") == 3);
  CHECK(event.json()->getValue<std::string>("stdout") == "one\nthree\n");
  CHECK_FALSE(stream.next());
  CHECK(event.data == daemon.http().get("/vx11/result/" + id).body);
  // The files were there for the reader only.
  CHECK(spooledOutputs(daemon) == 0);
}

TEST_CASE(
    "stream: a reader that comes back goes on at the byte, also after a restart and kill -9 of the host") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  std::string code;
  for (int i = 0; i < 4; ++i)
    code += "printf '" + std::to_string(i) + "é|'; printf 'e%s|' " + std::to_string(i) + " >&2; " +
            waitFor(shared / std::to_string(i));
  const auto id = accept(daemon, shell(code));
  std::string last_id;
  std::string out;
  std::string err;
  for (int i = 0; i < 4; ++i) {
    EventStream stream(daemon, pathOf(id), last_id);
    // Each breaks off after two events, one of each stream.
    for (int events = 0; events < 2; ++events) {
      const auto event = stream.next().value();
      (event.name == "stdout" ? out : err) += bytesOf(event);
      last_id = event.id;
    }
    if (i == 1) daemon.restart();
    if (i == 2) {
      daemon.kill9();
      daemon.start();
    }
    writeFile(shared / std::to_string(i), "");
  }
  const auto rest = readWhole(daemon, id, last_id);
  CHECK(rest.out.empty());
  REQUIRE(rest.end);
  CHECK(out == "0é|1é|2é|3é|");
  CHECK(err == "e0|e1|e2|e3|");
  // At the end only the end is left to tell, as often as somebody asks.
  CHECK(readWhole(daemon, id, last_id).out.empty());
  CHECK(readWhole(daemon, id).out == out);
  CHECK(readWhole(daemon, id, "stdout:4," + id).out == out.substr(4));
}

TEST_CASE("stream: any bytes of any size are exact, and text is never cut within a character") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  std::string binary;
  for (int i = 0; i < 100'000; ++i) binary += static_cast<char>(i * 7 % 256);
  std::string text;
  while (text.size() < 3'000'000) text += "añ€😀";
  int number = 0;
  for (const auto& bytes : {std::string(), std::string("x"), std::string("\xc3"),
                            std::string("a\xf0\x9f\x98"), binary, text, text + "\xe2\x82"}) {
    const auto file = shared / std::to_string(number++);
    writeFile(file, bytes, 0644);
    CAPTURE(number);
    const auto id = accept(daemon, shell("cat '" + file.string() + "'; cat '" + file.string() + "' >&2"));
    const auto live = readWhole(daemon, id);
    CHECK((live.out == bytes));
    CHECK((live.err == bytes));
    const auto later = readWhole(daemon, id);
    CHECK((later.out == bytes));
    CHECK((later.err == bytes));
  }
  // Written byte by byte, a reader sees whole characters only.
  const auto id = accept(
      daemon,
      shell("printf '\\360'; sleep 0.05; printf '\\237\\230'; sleep 0.05; printf '\\200'; printf '\\303'"));
  EventStream stream(daemon, pathOf(id));
  CHECK(stream.next().value().data == R"({"text":"😀"})");
  CHECK(stream.next().value().data == R"({"base64":"ww=="})");
  CHECK(stream.next().value().name == "end");
}

TEST_CASE("stream: a task that waits is followed from its start on, and a retried one through its attempts") {
  OpenDaemon daemon({{"tasks.max_running", "1"}, {"tasks.retry_delay_seconds", "0"}});
  const auto shared = sharedDirectory(daemon);
  const auto first = accept(daemon, shell(waitFor(shared / "go")));
  untilRunning(daemon, first);
  auto retried =
      shell("test -e '" + (shared / "failed").string() + "' && { echo second; exit 0; }; : > '" +
            (shared / "failed").string() + "'; echo first; " + waitFor(shared / "seen") + "exit 1");
  retried.set("max_retries", 1);
  const auto id = accept(daemon, retried);
  EventStream stream(daemon, pathOf(id));
  writeFile(shared / "go", "");
  const auto event = stream.next().value();
  CHECK(event.id == "stdout:6,stderr:0," + id);
  CHECK(bytesOf(event) == "first\n");
  writeFile(shared / "seen", "");
  const auto again = stream.next().value();
  CHECK(again.name == "attempt");
  CHECK(again.data == R"({"attempt":2})");
  const auto rest = readAll(stream);
  CHECK(rest.out == "second\n");
  CHECK(rest.last_id == "stdout:7,stderr:0," + id + ".2");
  CHECK(rest.end.value().json()->getValue<int>("attempt") == 2);
  // Who knows the first attempt only hears that there was another one.
  const auto returning = readWhole(daemon, id, event.id);
  CHECK(returning.attempts == 2);
  CHECK(returning.out == "second\n");
}

TEST_CASE("stream: many read along, and one that does not read holds up nobody") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  const auto id = accept(daemon, shell(waitFor(shared / "go") + "seq 400000"));
  untilRunning(daemon, id);
  RawClient stuck(daemon.port());
  stuck.send("GET " + pathOf(id) + " HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + daemon.token() +
             "\r\n\r\n");
  std::list<EventStream> streams;
  for (int i = 0; i < 10; ++i) streams.emplace_back(daemon, pathOf(id));
  std::vector<std::future<Streamed>> readers;
  for (auto& stream : streams)
    readers.push_back(std::async(std::launch::async, [&stream] { return readAll(stream); }));
  writeFile(shared / "go", "");
  const auto result = finished(daemon, id);
  CHECK(result.text("status") == "DONE");
  const auto whole = daemon.http().get("/vx11/spawns/" + id + "/stdout").body;
  for (auto& reader : readers) {
    const auto streamed = reader.get();
    CHECK((streamed.out == whole));
    CHECK(streamed.end);
  }
}

TEST_CASE("stream: a host that stops lets go of its readers, without an end") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const auto id = accept(daemon, shell("echo before; " + waitFor(go) + "echo after"));
  EventStream stream(daemon, pathOf(id));
  const auto seen = stream.next().value();
  CHECK(daemon.terminate() == 0);
  CHECK_FALSE(stream.next());
  writeFile(go, "");
  daemon.start();
  const auto rest = readWhole(daemon, id, seen.id);
  CHECK(rest.out == "after\n");
  CHECK(rest.end);
}

TEST_CASE("stream: a reader that is gone is noticed, and the output is followed no more") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  const auto id = accept(daemon, shell("echo one; " + waitFor(shared / "go") + "echo two"));
  {
    EventStream stream(daemon, pathOf(id));
    CHECK(bytesOf(stream.next().value()) == "one\n");
  }
  writeFile(shared / "go", "");
  CHECK(finished(daemon, id).text("stdout") == "one\ntwo\n");
  CHECK(spooledOutputs(daemon) == 0);
}

TEST_CASE("stream: an id of another task, of no event or behind the end is 422, and no task 404") {
  OpenDaemon daemon;
  const auto id = run(daemon, shell("echo four")).text("spawn_id");
  const auto other = run(daemon, shell("echo four")).text("spawn_id");
  const auto ask = [&](const std::string& last_id) {
    return daemon.http().get(pathOf(id), {{"Last-Event-ID", last_id}});
  };
  CHECK_THAT(complaint(ask("stdout:1,stderr:0," + other), "Last-Event-ID"), Contains("is of another task"));
  CHECK_THAT(complaint(ask("stdout:6"), "Last-Event-ID"), Contains("there are 5 bytes of stdout"));
  CHECK_THAT(complaint(ask("stdout:1," + id + ".2"), "Last-Event-ID"), Contains("is of attempt 2"));
  for (const char* bad : {"stdout", "stdout:", "stdout:-1", "stdout:x", "stdout:99999999999999999999",
                          "stdin:1", "7", ",", "stdout:1,"})
    CHECK_THAT(complaint(ask(bad), "Last-Event-ID"), Contains("must be the id of an event"));
  checkProblem(daemon.http().get(pathOf("spawn-00000000")), 404, "not_found");
  checkProblem(daemon.http().get(pathOf(id) + "?from=1"), 422, "invalid_field", "from");
  CHECK(ask("stdout:5,stderr:0," + id).status == 200);
}

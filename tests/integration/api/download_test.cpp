// GET /vx11/spawns/{id}/stdout and /stderr: the exact bytes of what has ended.
#include <filesystem>
#include <future>

#include "calls.hpp"
#include "catch.hpp"
#include "raw_client.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Answer output(const Daemon& daemon, const std::string& id, const Headers& headers = {},
              const std::string& stream = "stdout") {
  return daemon.http().get("/vx11/spawns/" + id + "/" + stream, headers);
}

// Each line of the number of its first byte: any part tells where it is from.
std::string numbers(size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    auto line = std::to_string(text.size());
    text += std::string(15 - line.size(), '0') + line + "\n";
  }
  return text;
}

// Short ones are kept in the database, long ones in a file.
std::string taskThatWrites(const Daemon& daemon, const std::string& bytes) {
  const auto file = sharedDirectory(daemon) / "bytes";
  writeFile(file, bytes, 0644);
  return run(daemon, shell("cat '" + file.string() + "'; cat '" + file.string() + "' | tac >&2"))
      .text("spawn_id");
}

}  // namespace

TEST_CASE("download: both streams, of any size and any bytes") {
  OpenDaemon daemon;
  std::string binary;
  for (int i = 0; i < 256; ++i) binary += static_cast<char>(i);
  for (const auto& bytes : {std::string(), std::string("one line"), binary, numbers(65'536), numbers(65'552),
                            numbers(20'000'000)}) {
    const auto id = taskThatWrites(daemon, bytes);
    const auto answer = output(daemon, id);
    CHECK(answer.status == 200);
    CHECK(answer.body.size() == bytes.size());
    CHECK((answer.body == bytes));
    CHECK(answer.headers.at("content-length") == std::to_string(bytes.size()));
    CHECK(answer.headers.at("content-type") == "application/octet-stream");
    CHECK(answer.headers.at("x-vx11-bytes-written") == std::to_string(bytes.size()));
    CHECK(answer.headers.at("accept-ranges") == "bytes");
    CHECK(output(daemon, id, {}, "stderr").body.size() == bytes.size());
    const auto head = daemon.http().request("HEAD", "/vx11/spawns/" + id + "/stdout", "", {});
    CHECK(head.headers.at("content-length") == std::to_string(bytes.size()));
    CHECK(head.body.empty());
  }
}

TEST_CASE("download: a part of it") {
  OpenDaemon daemon;
  // One that is in the database, and one that is in a file.
  const auto size = GENERATE(size_t{16'000}, size_t{160'000});
  const auto bytes = numbers(size);
  const auto id = taskThatWrites(daemon, bytes);
  const auto all = std::to_string(size);
  const auto part = [&](const std::string& range) { return output(daemon, id, {{"Range", range}}); };
  const auto check = [&](const std::string& range, size_t first, size_t length) {
    INFO(range);
    const auto answer = part(range);
    CHECK(answer.status == 206);
    CHECK((answer.body == bytes.substr(first, length)));
    CHECK(answer.headers.at("content-range") ==
          "bytes " + std::to_string(first) + "-" + std::to_string(first + length - 1) + "/" + all);
  };
  check("bytes=0-0", 0, 1);
  check("bytes=100-199", 100, 100);
  check("bytes=15900-", 15'900, size - 15'900);
  check("bytes=-7", size - 7, 7);
  check("bytes=-999999999999999999999999", 0, size);
  check("bytes=15990-99999999999999999999999", 15'990, size - 15'990);
  for (const auto& range :
       {"bytes=" + all + "-", std::string("bytes=99999999999999999999999-"), std::string("bytes=-0")}) {
    INFO(range);
    const auto answer = part(range);
    checkProblem(answer, 416, "range_not_satisfiable");
    CHECK(answer.headers.at("content-range") == "bytes */" + all);
  }
  // What RFC 9110 says is to be ignored.
  for (const char* range :
       {"bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "0-1"}) {
    INFO(range);
    const auto answer = part(range);
    CHECK(answer.status == 200);
    CHECK(answer.body.size() == size);
  }
  const auto tag = part("bytes=0-0").headers.at("etag");
  CHECK(output(daemon, id, {{"Range", "bytes=0-0"}, {"If-Range", tag}}).status == 206);
  CHECK(output(daemon, id, {{"Range", "bytes=0-0"}, {"If-Range", "\"other\""}}).status == 200);
  const auto unchanged = output(daemon, id, {{"If-None-Match", tag}});
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  CHECK(output(daemon, id, {{"If-None-Match", "\"other\""}}).status == 200);
  // Ranges are of GET alone.
  const auto head =
      daemon.http().request("HEAD", "/vx11/spawns/" + id + "/stdout", "", {{"Range", "bytes=0-0"}});
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == all);
  CHECK(output(daemon, id, {{"Range", "bytes=0-0"}, {"If-Range", tag}}, "stderr").status == 200);
}

TEST_CASE("download: what has not ended, is not there or was removed is told apart") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const auto id = accept(daemon, shell("(" + waitFor(go) + ")\necho end"));
  const auto early = output(daemon, id);
  checkProblem(early, 409, "conflict");
  CHECK_THAT(early.text("hint"), Contains("?wait=60"));
  checkProblem(output(daemon, "nobody"), 404, "not_found");
  checkProblem(daemon.http().get("/vx11/spawns/" + id + "/stdin"), 404, "not_found");
  checkProblem(daemon.http().get("/vx11/spawns/" + id + "/stdout?wait=61"), 422, "invalid_field", "wait");
  checkProblem(daemon.http().post("/vx11/spawns/" + id + "/stdout", ""), 405, "method_not_allowed");
  writeFile(go, "");
  CHECK(daemon.http().get("/vx11/spawns/" + id + "/stdout?wait=60").body == "end\n");

  const auto large = taskThatWrites(daemon, numbers(100'000));
  const auto name =
      SqliteReader(daemon.database()).value("SELECT stdout_file FROM spawns WHERE name = '" + large + "'");
  std::filesystem::remove(daemon.stateDirectory() / "spool" / name);
  const auto removed = output(daemon, large);
  checkProblem(removed, 404, "not_found");
  CHECK_THAT(removed.text("detail"), Contains(name));
  CHECK_THAT(removed.text("hint"), Contains("/vx11/result/" + large));
}

TEST_CASE("download: of a stream that met its limit the beginning is there, and how long it was") {
  OpenDaemon daemon({{"tasks.max_output_bytes", "100000"}});
  const auto bytes = numbers(160'000);
  const auto answer = output(daemon, taskThatWrites(daemon, bytes));
  CHECK((answer.body == bytes.substr(0, 100'000)));
  CHECK(answer.headers.at("x-vx11-bytes-written") == "160000");
}

TEST_CASE("download: after a restart of the host, and for many at once") {
  OpenDaemon daemon;
  const auto bytes = numbers(5'000'000);
  const auto id = taskThatWrites(daemon, bytes);
  daemon.restart();
  std::vector<std::future<bool>> readers;
  for (int i = 0; i < 8; ++i)
    readers.push_back(std::async(std::launch::async, [&] { return output(daemon, id).body == bytes; }));
  for (auto& reader : readers) CHECK(reader.get());
}

TEST_CASE("download: who takes nothing of it keeps the host from nothing, not even from stopping") {
  OpenDaemon daemon;
  // More than fits into the buffers of a connection.
  const auto id = run(daemon, shell("head -c 30000000 /dev/zero")).text("spawn_id");
  RawClient slow(daemon.port());
  slow.send("GET /vx11/spawns/" + id +
            "/stdout HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + daemon.token() + "\r\n\r\n");
  CHECK(run(daemon, shell("echo meanwhile")).text("stdout") == "meanwhile\n");
  CHECK(daemon.terminate() == 0);
}

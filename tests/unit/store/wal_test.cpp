#include <atomic>
#include <set>
#include <thread>

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

uintmax_t walSize(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file.string() + "-wal", error);
  return error ? 0 : size;
}

}  // namespace

TEST_CASE("wal: stays under 64 MB while much is written and readers overlap without a gap") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  Database database({.file = file, .readers = 4});
  std::atomic<bool> stop = false;
  std::atomic<uintmax_t> largest = 0;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        while (!stop) database.read([](ReadSession& session) { return spawns::newest(session, 20).size(); });
      });
    }
    const std::string plan(1 << 20, 'p');
    for (int i = 0; i < 160; ++i) {
      const SpawnRow row = sampleSpawn();
      database.commit([&](WriteSession& session) {
        spawns::insert(session, row);
        spawns::insertPlan(session, row.uuid, plan);
      });
      largest = std::max<uintmax_t>(largest, walSize(file));
    }
    stop = true;
  }
  CHECK(largest > (1 << 20));
  CHECK(largest < (64 << 20));
}

TEST_CASE(
    "wal: is made longer ahead of the commits, which then only overwrite, and what follows them does not "
    "count") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  constexpr int kCommits = 200;
  std::set<uintmax_t> sizes;
  {
    Database database({.file = file});
    for (int i = 0; i < kCommits; ++i) {
      database.commit([](WriteSession& session) { spawns::insert(session, sampleSpawn()); });
      sizes.insert(walSize(file));
    }
    // As a killed host leaves both.
    std::filesystem::copy_file(file, directory.path() / "copy.db");
    std::filesystem::copy_file(file.string() + "-wal", directory.path() / "copy.db-wal");
  }
  // Each commit alone would have made it longer by some 20 kB.
  CHECK(sizes.size() < kCommits / 10);
  CHECK(*sizes.rbegin() > (1 << 20));
  CHECK(sqlite3(directory.path() / "copy.db", "SELECT count(*) FROM spawns") == "count(*)\n200\n");
  CHECK(sqlite3(directory.path() / "copy.db", "PRAGMA integrity_check") == "integrity_check\nok\n");
}

TEST_CASE("wal: one client that never pauses keeps it near 16 MB") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  Database database({.file = file});
  const std::string plan(200'000, 'p');
  uintmax_t largest = 0;
  for (int i = 0; i < 200; ++i) {
    const SpawnRow row = sampleSpawn();
    database.commit([&](WriteSession& session) {
      spawns::insert(session, row);
      spawns::insertPlan(session, row.uuid, plan);
    });
    largest = std::max<uintmax_t>(largest, walSize(file));
  }
  CHECK(largest > (16 << 20));
  CHECK(largest < (19 << 20));
}

TEST_CASE("wal: is copied back when the writer is idle") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  Database database({.file = file});
  const auto before = std::filesystem::file_size(file);
  for (int i = 0; i < 100; ++i) {
    database.commit([](WriteSession& session) { spawns::insert(session, sampleSpawn()); });
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::filesystem::file_size(file) == before && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  CHECK(std::filesystem::file_size(file) > before);
}

}  // namespace vx11::store::test

// The store in a process of its own: vx11_store_probe COMMAND FILE …
//
//   commit FILE N     one "LINE uuid" for each acknowledged accepting commit of N threads, until it is killed
//   lock FILE         holds the write lock: says "locked", and gives it back when its input ends
//   small FILE BYTES  may write no file beyond BYTES: commits until that fails, prints the error, then raises
//   the
//                     limit and prints whether the next commit works
//   open FILE         opens the database as user 65534; prints the error, or "opened"
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/session.hpp"
#include "store/spawns.hpp"

namespace {

using namespace vx11;
using namespace vx11::store;

SpawnRow newSpawn() {
  SpawnRow row;
  row.uuid = newUuid();
  row.name = row.uuid;  // thousands of short names would collide
  row.correlation_id = row.uuid;
  row.task_type = "shell";
  row.metadata_json = "{}";
  row.host_id = "host-1";
  row.created_at = wallNow();
  return row;
}

void commitForEver(Database& database, std::mutex& output) {
  for (;;) {
    const SpawnRow row = newSpawn();
    database.commit([&](WriteSession& session) {
      spawns::insert(session, row);
      spawns::insertPlan(session, row.uuid, "plan of " + row.uuid);
    });
    const std::lock_guard lock(output);
    std::cout << "LINE " << row.uuid << std::endl;
  }
}

int commitMany(const std::string& file, int threads) {
  Database database({.file = file});
  std::mutex output;
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&] { commitForEver(database, output); });
  return 0;
}

int lock(const std::string& file) {
  WriteSession session(file, std::chrono::seconds(5));
  session.begin();
  session.run("UPDATE windows SET is_open = 0");
  std::cout << "locked" << std::endl;
  std::string ignored;
  std::getline(std::cin, ignored);
  session.rollback();
  std::cout << "unlocked" << std::endl;
  return 0;
}

void limitFileSize(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

int fillUp(const std::string& file, rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  Database database({.file = file});
  limitFileSize(bytes);
  int committed = 0;
  for (;; ++committed) {
    const SpawnRow row = newSpawn();
    try {
      database.commit([&](WriteSession& session) {
        spawns::insert(session, row);
        spawns::insertPlan(session, row.uuid, std::string(10'000, 'x'));
      });
    } catch (const Error& e) {
      std::cout << (e.code() == ErrorCode::kStorage ? "storage: " : "other: ") << e.what() << std::endl;
      break;
    }
  }
  limitFileSize(RLIM_INFINITY);
  database.commit([&](WriteSession& session) { spawns::insert(session, newSpawn()); });
  std::cout << committed + 1 << std::endl;
  return 0;
}

int openAsNobody(const std::string& file) {
  if (geteuid() == 0 && (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0))
    return 1;
  try {
    const Database database({.file = file});
    std::cout << "opened" << std::endl;
  } catch (const Error& e) {
    std::cout << (e.code() == ErrorCode::kStorage ? "storage: " : "other: ") << e.what() << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return 2;
  const std::string& command = arguments[0];
  if (command == "commit") return commitMany(arguments[1], std::stoi(arguments.at(2)));
  if (command == "lock") return lock(arguments[1]);
  if (command == "small") return fillUp(arguments[1], static_cast<rlim_t>(std::stoul(arguments.at(2))));
  if (command == "open") return openAsNobody(arguments[1]);
  return 2;
}

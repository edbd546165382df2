// The host's end of the spawner protocol: one connection, kept alive, with a listener for what comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/plan.hpp"
#include "spawner/launch.hpp"

namespace vx11::spawner_client {

// How an attempt ended, as the spawner saw it.
enum class End { kExited, kSignalled, kTimeout, kKilled, kInterrupted, kSpawnError };

struct StartRequest {
  std::string nonce;  // of the attempt: the spawner starts a nonce at most once
  std::string spawn_uuid;
  std::string spawn_id;
  std::string correlation_id;
  std::string task_type;
  std::string traceparent;  // may be empty
  std::chrono::milliseconds ttl{0};
  std::chrono::milliseconds kill_grace{2000};
  uint64_t inline_output_bytes = 65536;                         // of each stream; what goes beyond is spooled
  std::vector<std::pair<std::string, std::string>> secret_env;  // beside the plan's, and never logged
  Plan plan;
};

struct Started {
  std::string nonce;
  std::string spawn_uuid;
  int32_t pid = 0;
  uint32_t uid = 0;
  WallTime started_at;
};

struct OutputStream {
  std::string inline_bytes;  // the first bytes, at most inline_output_bytes
  uint64_t total_bytes = 0;  // as the daughter wrote them
  std::string spool_file;    // name in the spool directory with the whole stream; empty: all of it is inline
  bool truncated() const { return total_bytes > inline_bytes.size(); }
};

struct Finished {
  std::string nonce;
  std::string spawn_uuid;
  End end = End::kExited;
  int exit_code = 0;                   // kExited
  int signal = 0;                      // kSignalled, or the one that ended a killed one
  std::string reason;                  // a sentence, where `end` alone does not tell
  int pid = 0;                         // what it was; 0: nothing was started
  std::optional<WallTime> started_at;  // absent: nothing was started
  WallTime ended_at;
  int64_t duration_us = 0;  // monotonic
  int64_t user_us = 0;
  int64_t system_us = 0;
  int64_t max_rss_kb = 0;
  OutputStream out;
  OutputStream err;
  bool tree_empty = false;    // no descendant was left when this was reported
  bool output_limit = false;  // it wrote more than it may, and was to be ended for it
};

struct Refused {
  std::string nonce;
  std::string spawn_uuid;
  bool transient = false;  // the same request may succeed later (no free uid, out of descriptors)
  std::string reason;
};

// What can be read now of a task that is followed: bytes of its files in the spool (spoolName()).
struct Grown {
  std::string nonce;
  uint64_t out_bytes = 0;
  uint64_t err_bytes = 0;
};

// What the spawner knew when the connection came up.
struct Welcome {
  uint64_t connection = 0;  // counts the connections of this client
  uint16_t version = 0;     // of the protocol, that both speak
  std::string instance;     // uuid of this spawner process
  int32_t pid = 0;
  std::string isolation;  // own-uid | namespace | same-user
  std::string tree_kill;  // how a tree is killed, for /vx11/status
  std::vector<Started> running;
  std::vector<Finished> finished;  // not yet acknowledged
};

// Called on the client's own thread, never concurrently, in the order in which things happened. Must not
// block long and must not throw. onConnected comes first after each (re)connection, before any other call of
// that connection.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void onConnected(const Welcome& welcome) = 0;
  virtual void onDisconnected(const std::string& reason) = 0;
  virtual void onStarted(const Started& started) = 0;
  virtual void onFinished(Finished finished) = 0;
  virtual void onRefused(const Refused& refused) = 0;
  virtual void onGrown(const Grown& grown) = 0;
};

// Where the spawner is met and how one is started where nobody answers. An empty `binary`: never start one,
// only connect. The client sets `cancel_fd` itself.
using Options = spawner::LaunchOptions;

class Client {
 public:
  Client(Options options, Listener& listener);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Once. Connects, starting a spawner where no socket answers, and returns after the first onConnected;
  // throws Error{kConfiguration} with a sentence when that fails (an obstacle that may pass by itself gets
  // 2 s, a spawner that accepts but does not answer 12 s), Error{kUnavailable} when stop() came first. From
  // then on keeps the connection: reconnects (20 ms to 1 s between tries), and starts a new spawner when the
  // old one is gone.
  void start();
  // Any thread. Closes the connection; the spawner and its daughters go on, and what the spawner had not
  // taken yet is dropped. Calls no onDisconnected, and no listener call comes after this returns.
  void stop();

  bool connected() const;
  // Why there is no connection, for /vx11/status and errors; empty when connected.
  std::string lastError() const;

  // Thread-safe; never block on the spawner: frames wait in an outbox (which the caller bounds by what it has
  // running) while it does not read. False where there is no connection (the caller keeps the task and tries
  // again in onConnected); sends are taken from the moment that onConnected is called. True means on its way
  // in this connection: onDisconnected comes after it, and then the next Welcome tells whether it arrived. A
  // request that cannot be sent at all (too many files, no descriptor left) comes back as onRefused.

  // Puts the request into a packet, its contents into descriptors. The returned function sends it, over the
  // connection of that number only: a later one has a Welcome that may have decided about this start already.
  // Call it once at most and before the client is destroyed. Whoever drops it drops the contents.
  std::function<bool(uint64_t connection)> prepare(const StartRequest& request);
  // TERM, grace, KILL of the whole tree; the end comes as onFinished with End::kKilled and `reason`.
  bool kill(const std::string& nonce, const std::string& reason);
  // While it is `on`, onGrown comes at once and then with all that the attempt writes. Of this connection:
  // after another one it must be said again. False also where the spawner is too old to know it.
  bool follow(const std::string& nonce, bool on);
  // The host has committed the end: the spawner drops its record. Waits for the next start, or a moment.
  bool acknowledge(const std::string& nonce);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vx11::spawner_client

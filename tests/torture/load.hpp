// Clients that submit at the same time and go on when the host is back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "task_kind.hpp"

namespace vx11::torture {

// Where the host is now. Thread-safe.
class Door {
 public:
  struct Visit {
    test::HttpClient client;
    uint64_t opening = 0;
  };

  void open(const test::HttpClient& client);
  void shut();
  // For good: who waits gives up.
  void wallUp();
  // Waits for an opening after `bad`, the one at which a call failed; nullopt when there will be none.
  std::optional<Visit> enter(uint64_t bad);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<test::HttpClient> client_;
  uint64_t openings_ = 0;
  bool walled_up_ = false;
};

struct Submitted {
  TaskChoice task;
  std::string correlation_id;
  std::string uuid;  // empty: no answer, so it may be there or not
  std::string spawn_id;
};

class Load {
 public:
  // Begins at once. `door` must outlive it; `name` begins every correlation id.
  Load(Door& door, const Books& books, const std::vector<std::vector<TaskChoice>>& clients,
       const std::string& name);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  size_t begun() const { return begun_; }
  bool done() const { return running_ == 0; }
  // Once it is done.
  const std::vector<Submitted>& submitted() const { return submitted_; }
  // Answers that no host should give.
  const std::vector<std::string>& strange() const { return strange_; }

 private:
  void run(const std::vector<TaskChoice>& tasks, const std::string& name);
  void submit(const test::HttpClient& client, Submitted& submitted);
  // Both again and again until a host answers; false where there will be none.
  bool resend(Submitted& submitted, uint64_t& bad);
  bool cancel(const Submitted& submitted, uint64_t& bad);
  void complain(const std::string& sentence);

  Door& door_;
  const Books books_;
  std::atomic<size_t> begun_{0};
  std::atomic<size_t> running_;
  std::mutex mutex_;
  std::vector<Submitted> submitted_;
  std::vector<std::string> strange_;
  std::vector<std::thread> threads_;
};

}  // namespace vx11::torture

// The life of a task: accept, queue, start, end, recover. Every accepted task reaches exactly one terminal
// state.
//
// Order of truth: the accepting row is committed before its id is answered, the attempt before the spawner is
// told, the end before anybody hears of it, and the spawner drops its record only after that.
//
// Threads: submit() and the readers are called on HTTP threads and block on the database; the Listener's
// calls come on the spawner client's thread and never block; the database's writer sends the starts that it
// has just committed; one dispatcher thread starts what waits. No lock is held while calling the database or
// a plugin; the executor, which never blocks, is called under ours where the order counts.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "spawner_client/client.hpp"
#include "store/spawn_page.hpp"
#include "tasks/executor.hpp"
#include "tasks/output.hpp"
#include "tasks/planner.hpp"
#include "tasks/queue.hpp"
#include "tasks/slots.hpp"
#include "tasks/submission.hpp"
#include "tasks/tally.hpp"
#include "tasks/task.hpp"

namespace vx11::store {
class Database;
class WriteSession;
}  // namespace vx11::store

namespace vx11::tasks {

struct Limits {
  size_t max_running = 256;
  std::map<std::string, size_t> max_running_of{};  // by task type, for those that have a limit of their own
  size_t max_queued = 20000;
  std::chrono::seconds queue_ttl{86400};
  std::chrono::milliseconds kill_grace{2000};
  std::chrono::milliseconds retry_delay{1000};  // before the first retry; doubled with each
  uint64_t inline_output_bytes = 65536;
};

struct Planned {
  Submission submission;
  Plan plan;
};

// A task as it is told: the row, and what only the living know.
struct View {
  store::SpawnRow row;       // row.end set when it has ended
  bool running = false;      // has a process now
  std::string queue_reason;  // why it waits; empty when it does not
  TaskPtr task;              // whose end can be waited for; null where it has ended before
};

enum class StatusFilter { kAny, kQueued, kRunning, kCompleted, kFailed };

class Engine final : public spawner_client::Listener {
 public:
  // `host_id` names this installation in rows; reconcile touches only those. All references must outlive
  // this.
  Engine(store::Database& database, const Planner& planner, Limits limits, std::string host_id);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Takes up what the last run left in the database. Call before start().
  void recover();
  // Begins to start tasks. The executor must outlive this or stop() come first.
  void start(Executor& executor);
  // Refuses new tasks and lets waitEnded() return at once.
  void drain();
  // Joins the dispatcher; running daughters go on. Names them in the log.
  void stop();

  // Accepts a task durably and, where `until` lies ahead, waits until it has ended, that time or drain().
  // Throws what the planner throws, Error{kQueueFull}, Error{kUnavailable} when draining, Error{kStorage}
  // when it could not be committed (then nothing is left of it).
  TaskPtr submit(const Submission& submission, MonoTime until = {});
  // Of one for submitAll(). Throws what the planner throws.
  Plan plan(const Submission& submission) const;
  // All of them in one commit, in this order, or none. They wait in the queue, if only for a moment. Throws
  // Error{kQueueFull} where it has no room for all, Error{kUnavailable}, Error{kStorage}.
  std::vector<TaskPtr> submitAll(const std::vector<Planned>& all);
  View view(const TaskPtr& task) const;
  // Waits until the end is committed, the deadline passes or drain() is called. True when it has ended.
  bool waitEnded(const TaskPtr& task, MonoTime deadline) const;
  // The living task with this uuid, or nullptr when it has ended or never was.
  TaskPtr living(const std::string& uuid) const;
  // By exact spawn id or uuid; nullopt where there is none.
  std::optional<View> find(const std::string& id) const;
  // What `ended`, whose row.end is set, has written. Throws Error{kNotFound} where its file was removed.
  Output output(const View& ended, Stream stream) const;
  // What a living task writes is readable between these two, of which each caller makes both.
  void follow(const TaskPtr& task);
  void unfollow(const TaskPtr& task);
  // Waits until there is more than `seen`, or `until`.
  Growth awaitGrowth(const TaskPtr& task, const Growth& seen, MonoTime until) const;
  // Empty where the file is gone, as it may be once its attempt has ended.
  UniqueFd openGrowing(const Growth& growth, Stream stream) const;
  // Newest first, without outputs. Throws Error{kStorage}.
  std::vector<View> list(StatusFilter status, store::spawns::Page page) const;
  // All with this correlation id, newest first, at most `limit`.
  std::vector<View> findByCorrelation(const std::string& correlation_id, int limit) const;
  // Ends it as cancelled with this reason (of an earlier call, where there was one): at once where it waits,
  // else as soon as its tree is gone. Returns once that is durable; false where it has ended or is about to.
  // Throws Error{kStorage}: it is being ended all the same, but may not be if this host dies now.
  bool cancel(const TaskPtr& task, const std::string& reason);
  // Ends everything that waits or runs, as cancelled with this reason.
  void cancelAll(const std::string& reason);
  // How often that was called.
  uint64_t cancellations() const;

  struct Load {
    size_t running = 0;
    size_t queued = 0;
    bool connected = false;
    std::string spawner_reason;  // why there is no connection
    std::string isolation;       // as the spawner said; empty before the first connection
    std::string tree_kill;
    int spawner_pid = 0;
  };
  Load load() const;
  Tally::Snapshot tally() const { return tally_.snapshot(); }

  // spawner_client::Listener
  void onConnected(const spawner_client::Welcome& welcome) override;
  void onDisconnected(const std::string& reason) override;
  void onStarted(const spawner_client::Started& started) override;
  void onFinished(spawner_client::Finished finished) override;
  void onRefused(const spawner_client::Refused& refused) override;
  void onGrown(const spawner_client::Grown& grown) override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  static constexpr std::chrono::milliseconds kStorageRetry{1000};

  // engine.cpp
  View viewLocked(const TaskPtr& task) const;
  View viewOfRow(store::SpawnRow row) const;
  std::string crowded(const std::string& type) const;  // with mutex_ held

  // batch.cpp
  void reserveQueue(size_t count);
  std::vector<TaskPtr> commitAll(const std::vector<Planned>& all);

  // acceptance.cpp
  // Eight hex digits collide once in 65,000 tasks or so; eight times in a row mean something else is wrong.
  static constexpr int kNameTries = 8;
  TaskPtr makeTask(const Submission& submission, const Plan& plan) const;
  static void insertAccepted(store::WriteSession& session, const Task& task, const std::string& plan);
  void noteAccepted(const Task& task, bool queued);
  // Sends the start of an attempt, once that is committed.
  using Launch = std::function<bool(uint64_t connection)>;
  bool reserve(const std::string& task_type);
  void release(bool direct, const std::string& task_type);
  void freeSlot(Task& task);  // with mutex_ held
  spawner_client::StartRequest startRequest(const Task& task, Plan plan) const;
  void beginAttempt(Task& task) const;  // with mutex_ held
  void commitAcceptance(const TaskPtr& task, const Plan& plan, const Submission& submission);
  void onAcceptanceCommitted(const TaskPtr& task, const Launch& start, std::exception_ptr failure);
  void enter(const TaskPtr& task);
  void waitAccepted(const TaskPtr& task, MonoTime until) const;
  void launch(const TaskPtr& task, const Launch& start);

  // dispatch.cpp
  struct Unsaved {
    TaskPtr task;
    std::shared_ptr<const store::SpawnEnd> end;
    std::string nonce;
  };
  void dispatchLoop();
  std::vector<Unsaved> takeUnsaved();
  void expireQueued(Lock& lock);
  std::vector<TaskPtr> takeBatch();
  MonoTime nextWake() const;
  void startBatch(const std::vector<TaskPtr>& batch);
  void requeue(const TaskPtr& task, std::string nonce, std::chrono::milliseconds delay);

  // retries.cpp
  void writeAttemptEnd(store::WriteSession& session, const Task& task, const store::SpawnEnd& end,
                       const std::string& nonce) const;
  void onAttemptEnded(const TaskPtr& task, const store::SpawnEnd& end, const std::string& nonce);
  // With mutex_ held:
  void waitForRetry(const TaskPtr& task, const std::string& outcome, MonoTime due);
  bool forgetRetry(const TaskPtr& task);
  void queueDueRetries();
  std::string retryReason(const Task& task) const;

  // cancelling.cpp
  void finishCancelled(const TaskPtr& task, const std::string& reason);

  // listing.cpp
  std::vector<View> listLiving(bool running, const store::spawns::Page& page) const;

  // endings.cpp
  void finish(const TaskPtr& task, store::SpawnEnd end, std::string nonce);
  void commitEnd(const TaskPtr& task, const std::shared_ptr<const store::SpawnEnd>& end,
                 const std::string& nonce);
  void onEndCommitted(const TaskPtr& task, const std::shared_ptr<const store::SpawnEnd>& end,
                      const std::string& nonce, std::exception_ptr failure);
  TaskPtr byNonce(const std::string& nonce) const;

  // reconcile.cpp
  void noteStarted(const Task& task, int pid) const;
  void adoptRunning(const spawner_client::Started& started);
  void settleUnknown(const TaskPtr& task, const std::string& nonce, const std::string& instance);

  store::Database& database_;
  const Planner& planner_;
  const Limits limits_;
  const std::string host_id_;
  Executor* executor_ = nullptr;
  Tally tally_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;                    // for the dispatcher
  std::unordered_map<std::string, TaskPtr> tasks_;  // by uuid, all that have not ended
  std::unordered_map<std::string, TaskPtr> nonces_;
  Queue queue_;
  std::multimap<MonoTime, TaskPtr> retries_;  // what waits for its next attempt, by when that is due
  Slots slots_;
  size_t queue_reserved_ = 0;  // places of tasks whose acceptance is being committed
  uint64_t cancellations_ = 0;
  std::string cancellation_reason_;  // of the last
  bool connected_ = false;
  uint64_t connection_ = 0;  // as in Welcome
  bool draining_ = false;
  bool stopping_ = false;
  std::string instance_;
  std::string isolation_;
  std::string tree_kill_;
  int spawner_pid_ = 0;
  // Ends that could not be committed (full disk), tried again by the dispatcher, but not before unsaved_due_:
  // a disk that is full is still full a moment later.
  std::vector<Unsaved> unsaved_;
  MonoTime unsaved_due_{};
  std::thread dispatcher_;
};

}  // namespace vx11::tasks

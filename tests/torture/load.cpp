#include "load.hpp"

namespace vx11::torture {

namespace {

// The port of a dead host may be that of another test's by now, which knows our token as little as we its.
constexpr int kOfSomebodyElse = 401;

}  // namespace

void Door::open(const test::HttpClient& client) {
  const std::lock_guard lock(mutex_);
  client_ = client;
  ++openings_;
  changed_.notify_all();
}

void Door::shut() {
  const std::lock_guard lock(mutex_);
  client_.reset();
}

void Door::wallUp() {
  const std::lock_guard lock(mutex_);
  walled_up_ = true;
  changed_.notify_all();
}

std::optional<Door::Visit> Door::enter(uint64_t bad) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return walled_up_ || (client_ && openings_ > bad); });
  if (walled_up_) return std::nullopt;
  return Visit{*client_, openings_};
}

Load::Load(Door& door, const Books& books, const std::vector<std::vector<TaskChoice>>& clients,
           const std::string& name)
    : door_(door), books_(books), running_(clients.size()) {
  for (size_t i = 0; i < clients.size(); ++i) {
    threads_.emplace_back([this, tasks = clients[i], mine = name + "-" + std::to_string(i)] {
      run(tasks, mine);
      --running_;
    });
  }
}

Load::~Load() {
  if (!done()) door_.wallUp();
  for (auto& thread : threads_) thread.join();
}

void Load::run(const std::vector<TaskChoice>& tasks, const std::string& name) {
  uint64_t bad = 0;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const auto visit = door_.enter(bad);
    if (!visit) return;
    Submitted submitted{tasks[i], name + "-" + std::to_string(i), {}, {}};
    ++begun_;
    bool goes_on = true;
    try {
      submit(visit->client, submitted);
    } catch (const std::exception&) {
      bad = visit->opening;
      if (submitted.task.is_resent) goes_on = resend(submitted, bad);
    }
    goes_on = goes_on && (!isToBeCancelled(submitted.task) || cancel(submitted, bad));
    const std::lock_guard lock(mutex_);
    submitted_.push_back(std::move(submitted));
    if (!goes_on) return;
  }
}

void Load::submit(const test::HttpClient& client, Submitted& submitted) {
  const auto& task = submitted.task;
  if (task.opens_window) {
    const auto answer = client.post("/vx11/window/open", R"({"target":"spawner","ttl_seconds":3600})");
    if (answer.status == kOfSomebodyElse) throw std::runtime_error("another host");
    if (answer.status != 200) complain("the window stays closed: " + answer.body);
  }
  test::Headers headers;
  if (task.is_resent) headers["Idempotency-Key"] = submitted.correlation_id;
  const auto answer = client.post(task.waits ? "/vx11/spawn?wait=2" : "/vx11/spawn",
                                  bodyOf(task, books_, submitted.correlation_id), headers);
  if (answer.status == kOfSomebodyElse) throw std::runtime_error("another host");
  if (answer.status != 200 || !answer.text("spawn_id").starts_with("spawn-")) {
    complain(std::to_string(answer.status) + " for a submission: " + answer.body);
    return;
  }
  submitted.spawn_id = answer.text("spawn_id");
  submitted.uuid = answer.text("spawn_uuid");
}

bool Load::resend(Submitted& submitted, uint64_t& bad) {
  for (;;) {
    const auto visit = door_.enter(bad);
    if (!visit) return false;
    try {
      submit(visit->client, submitted);
      return true;
    } catch (const std::exception&) {
      bad = visit->opening;
    }
  }
}

// By the correlation id, for a submission that was not answered may have been accepted. What has ended
// already was interrupted, or cancelled by a call that was not answered.
bool Load::cancel(const Submitted& submitted, uint64_t& bad) {
  for (;;) {
    const auto visit = door_.enter(bad);
    if (!visit) return false;
    try {
      const auto answer =
          visit->client.post("/vx11/spawns/" + submitted.correlation_id + "/cancel?wait=0", "");
      if (answer.status == kOfSomebodyElse) throw std::runtime_error("another host");
      const bool unknown = answer.status == 404 && submitted.uuid.empty();
      if (answer.status != 200 && answer.status != 409 && !unknown)
        complain(std::to_string(answer.status) + " for a cancel: " + answer.body);
      return true;
    } catch (const std::exception&) {
      bad = visit->opening;
    }
  }
}

void Load::complain(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  strange_.push_back(sentence);
}

}  // namespace vx11::torture

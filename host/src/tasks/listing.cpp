// Lists of tasks: those that live from memory, where their state is exact, the others from the database.
#include <algorithm>
#include <tuple>

#include "store/database.hpp"
#include "tasks/engine.hpp"

namespace vx11::tasks {

namespace {

auto positionOf(const store::SpawnRow& row) {
  return std::tie(row.created_at, row.uuid);
}

bool isOn(const store::spawns::Page& page, const store::SpawnRow& row) {
  if (row.created_at < page.since || (!page.task_type.empty() && row.task_type != page.task_type))
    return false;
  return !page.before || positionOf(row) < std::tie(page.before->created_at, page.before->uuid);
}

}  // namespace

std::vector<View> Engine::listLiving(bool running, const store::spawns::Page& page) const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskPtr> found;
  for (const auto& [uuid, task] : tasks_) {
    if (hasProcess(*task) == running && isOn(page, task->row)) found.push_back(task);
  }
  const auto count = std::min(found.size(), static_cast<size_t>(page.limit));
  std::partial_sort(
      found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end(),
      [](const TaskPtr& a, const TaskPtr& b) { return positionOf(b->row) < positionOf(a->row); });
  found.resize(count);
  std::vector<View> views;
  for (const auto& task : found) views.push_back(viewLocked(task));
  return views;
}

std::vector<View> Engine::list(StatusFilter status, store::spawns::Page page) const {
  if (status == StatusFilter::kQueued || status == StatusFilter::kRunning)
    return listLiving(status == StatusFilter::kRunning, page);
  if (status == StatusFilter::kCompleted) page.ended = store::spawns::Ended::kCompleted;
  if (status == StatusFilter::kFailed) page.ended = store::spawns::Ended::kFailed;
  auto rows = database_.read([&](store::ReadSession& session) { return store::spawns::page(session, page); });
  std::vector<View> views;
  for (auto& row : rows) {
    // Where the row has its end, the task in memory may not have heard of it yet.
    if (row.end) {
      views.emplace_back();
      views.back().row = std::move(row);
    } else {
      views.push_back(viewOfRow(std::move(row)));
    }
  }
  return views;
}

}  // namespace vx11::tasks

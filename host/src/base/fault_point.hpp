// Named places where a test ends this process as kill -9 would. Only builds for tests have them: without the
// CMake option VX11_FAULT_POINTS a point compiles to nothing, and neither names nor code are in the binary.
//
// The host and its spawner share one table, a file named by VX11_FAULT_TABLE that a test made. The test
// lights a fuse for a point, and whoever comes to burn it to its end dies there, once: the next process is
// not armed any more.
#pragma once

#ifndef VX11_FAULT_POINTS

#define VX11_FAULT_POINT(name) static_cast<void>(0)

#else

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace vx11::fault {

inline constexpr const char* kVariable = "VX11_FAULT_TABLE";

// Those of the spawner begin with "spawner.", all others are the host's.
inline constexpr auto kPoints = std::to_array<std::string_view>({
    // each group commit, each checkpoint
    "store.before_commit",
    "store.after_commit",
    "wal.before_checkpoint",
    "wal.after_checkpoint",
    // by kind: "before" is inside the transaction, with its rows written
    "window.before_commit",
    "window.after_commit",
    "accept.before_commit",
    "accept.after_commit",
    "accept.before_answer",
    "attempt.before_commit",
    "attempt.after_commit",
    "start.before_send",
    "start.after_send",
    "running.before_commit",
    "running.after_commit",
    "requeue.before_commit",
    "requeue.after_commit",
    "end.before_commit",
    "end.after_commit",
    "end.before_acknowledge",
    "end.after_acknowledge",
    "cancel.before_commit",
    "cancel.after_commit",
    // a connection to the spawner has come up
    "reconcile.before",
    "reconcile.adopted",
    "reconcile.after",

    "spawner.start.received",
    "spawner.start.before_clone",
    "spawner.start.after_clone",
    "spawner.started.before_report",
    "spawner.started.after_report",
    "spawner.leader.reaped",
    "spawner.record.before_write",
    "spawner.record.after_write",
    "spawner.record.after_report",
    "spawner.directory.before_removal",
    "spawner.acknowledge.before_drop",
    "spawner.acknowledge.after_drop",
    "spawner.compact.before",
    "spawner.compact.before_rename",
    "spawner.compact.after",
    "spawner.hello.welcomed",
    "spawner.hello.synced",
});

struct Cell {
  std::atomic<uint64_t> hits;  // by all processes of the table
  std::atomic<uint64_t> fuse;  // 0: not lit; N: the Nth hit from now ends the process
};

// As it lies in the file; zeros are a table at rest.
struct Table {
  std::array<Cell, kPoints.size()> cells;
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "another process uses them too");

// Of this process, mapped when it starts; null where there is none.
extern Table* const table;

// Counts the hit, and does not return when it burns the fuse to its end.
void strike(Cell& cell);

consteval size_t indexOf(std::string_view name) {
  for (size_t i = 0; i < kPoints.size(); ++i) {
    if (kPoints[i] == name) return i;
  }
  throw "no fault point has this name";
}

template <size_t index>
inline void hit() {
  if (table != nullptr) strike(table->cells[index]);
}

}  // namespace vx11::fault

#define VX11_FAULT_POINT(name) ::vx11::fault::hit<::vx11::fault::indexOf(name)>()

#endif

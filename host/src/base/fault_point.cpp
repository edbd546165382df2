#include "base/fault_point.hpp"

#ifdef VX11_FAULT_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/unique_fd.hpp"

namespace vx11::fault {

namespace {

Table* mapTable() {
  const char* path = getenv(kVariable);
  if (path == nullptr) return nullptr;
  const UniqueFd file(open(path, O_RDWR | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return nullptr;
  // Touching what lies beyond a file's end would be a fault of another kind.
  if (static_cast<size_t>(status.st_size) < sizeof(Table)) return nullptr;
  void* const memory = mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Table*>(memory);
}

}  // namespace

Table* const table = mapTable();

void strike(Cell& cell) {
  cell.hits.fetch_add(1, std::memory_order_relaxed);
  uint64_t left = cell.fuse.load(std::memory_order_relaxed);
  while (left != 0 && !cell.fuse.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) continue;
  // Taken before the call returns, and with it every other thread of the process.
  if (left == 1) raise(SIGKILL);
}

}  // namespace vx11::fault

#endif

#include "fault_table.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

#include "base/unique_fd.hpp"

namespace vx11::torture {

FaultTable::FaultTable(std::filesystem::path file) : file_(std::move(file)) {
  const UniqueFd made(open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made || ftruncate(made.get(), sizeof(fault::Table)) != 0) {
    throw std::runtime_error("cannot make " + file_.string());
  }
  void* const memory = mmap(nullptr, sizeof(fault::Table), PROT_READ | PROT_WRITE, MAP_SHARED, made.get(), 0);
  if (memory == MAP_FAILED) throw std::runtime_error("cannot map " + file_.string());
  table_ = static_cast<fault::Table*>(memory);
}

FaultTable::~FaultTable() {
  munmap(table_, sizeof(fault::Table));
}

}  // namespace vx11::torture

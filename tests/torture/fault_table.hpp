// The test's side of the table of fault points: lights fuses in processes that run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/fault_point.hpp"

namespace vx11::torture {

class FaultTable {
 public:
  // Makes the file, all at rest. Throws std::runtime_error.
  explicit FaultTable(std::filesystem::path file);
  ~FaultTable();
  FaultTable(const FaultTable&) = delete;
  FaultTable& operator=(const FaultTable&) = delete;

  const std::filesystem::path& file() const { return file_; }
  // Whoever makes the Nth hit from now dies of it.
  void light(size_t point, uint64_t hits) { cell(point).fuse = hits; }
  // False where it has burnt to its end, or was never lit.
  bool quench(size_t point) { return cell(point).fuse.exchange(0) != 0; }
  bool lit(size_t point) const { return cell(point).fuse != 0; }
  uint64_t hits(size_t point) const { return cell(point).hits; }

 private:
  fault::Cell& cell(size_t point) const { return table_->cells.at(point); }

  std::filesystem::path file_;
  fault::Table* table_ = nullptr;
};

}  // namespace vx11::torture

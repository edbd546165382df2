// How many tasks may have a process at once, in all and of one type. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace vx11::tasks {

class Slots {
 public:
  // `of_type`: the types that have a limit of their own below that of all.
  Slots(size_t limit, std::map<std::string, size_t> of_type) : limit_(limit), of_type_(std::move(of_type)) {}

  size_t used() const { return used_; }
  size_t usedBy(const std::string& type) const;
  size_t limit() const { return limit_; }
  // Of this type alone; that of all where it has none.
  size_t limitOf(const std::string& type) const;

  bool hasRoom() const { return used_ < limit_; }
  bool hasRoomFor(const std::string& type) const { return hasRoom() && usedBy(type) < limitOf(type); }
  // Also beyond the limits, which may have been higher when what runs was started.
  void take(const std::string& type);
  void giveBack(const std::string& type);

 private:
  size_t limit_;
  std::map<std::string, size_t> of_type_;
  size_t used_ = 0;
  std::map<std::string, size_t> used_by_;
};

}  // namespace vx11::tasks

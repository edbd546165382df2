#include "tasks/slots.hpp"

#include <algorithm>

namespace vx11::tasks {

size_t Slots::usedBy(const std::string& type) const {
  const auto found = used_by_.find(type);
  return found == used_by_.end() ? 0 : found->second;
}

size_t Slots::limitOf(const std::string& type) const {
  const auto found = of_type_.find(type);
  return found == of_type_.end() ? limit_ : std::min(found->second, limit_);
}

void Slots::take(const std::string& type) {
  ++used_;
  ++used_by_[type];
}

void Slots::giveBack(const std::string& type) {
  --used_;
  const auto found = used_by_.find(type);
  if (--found->second == 0) used_by_.erase(found);
}

}  // namespace vx11::tasks

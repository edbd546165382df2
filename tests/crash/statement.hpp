// What a hostile program says of itself: the comment that its file begins with. The form stands in README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vx11::test {

struct NumberRange {
  int first = 0;
  int last = 0;
};

// One right ending. A number -1 stands for the program's own, the one that it was given.
struct Ending {
  static constexpr int kItsNumber = -1;
  enum class Output { kExactly, kBytes, kOverBytes };

  std::vector<NumberRange> numbers;  // empty: the program takes none
  std::string status;                // DONE or ERROR
  std::string outcome;
  std::optional<int> exit_code;  // this or the signal
  std::optional<int> signal;
  bool tree_empty = true;
  bool outlived = false;  // a process of it lives until its neighbours have ended
  Output output = Output::kExactly;
  std::string out;
  int64_t out_bytes = 0;
  bool text = true;
  std::optional<int64_t> within_seconds;
  std::string reason;  // a part of it; empty: whatever it is
};

struct Endings {
  std::string not_shown;  // why it must not run here; then there are none
  std::vector<Ending> all;
};

struct Statement {
  std::string does;
  int ttl_seconds = 60;
  std::map<std::string, Endings> under;  // by the name of the isolation
};

// Throws std::runtime_error with the line at fault, and where anything is missing or said twice.
Statement readStatement(const std::string& program, const std::vector<std::string>& isolations);

}  // namespace vx11::test

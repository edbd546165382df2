// What must hold when everything is at rest, whatever was killed before.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "load.hpp"
#include "scene.hpp"
#include "sqlite_reader.hpp"

namespace vx11::torture {

class Invariants {
 public:
  explicit Invariants(Scene& scene) : scene_(scene) {}

  // Of what was submitted since the last call. One sentence for each that is broken.
  std::vector<std::string> check(const std::vector<Submitted>& submitted, bool spawner_was_hit);

 private:
  struct Counted {
    std::string out;
    std::string err;
  };

  void fault(const std::string& sentence) { faults_.push_back(sentence); }
  void readBooks();
  // How many ends of attempts a spawner has recorded, by spawn id, whatever they were.
  std::map<std::string, unsigned> recordedEnds() const;
  void checkAnswered(const Submitted& submitted);
  void checkRows(const std::vector<Submitted>& submitted, bool spawner_was_hit);
  void checkRow(const test::SqliteReader::Row& row, const Submitted* submitted, bool spawner_was_hit);
  void checkBytes(const std::string& name, const std::string& stream, const std::string& said,
                  const test::SqliteReader::Row& row, size_t column);
  void checkLog();
  void checkDatabase();
  void checkNothingLeft();

  Scene& scene_;
  std::vector<std::string> faults_;
  int64_t last_row_ = 0;
  size_t log_read_ = 0;
  std::set<std::string> known_;             // uuids of all rows so far
  std::map<std::string, unsigned> starts_;  // by uuid, from the ledger
  std::map<std::string, Counted> counts_;   // by uuid
  std::map<std::string, unsigned> recorded_;
  std::map<std::string, unsigned> finished_lines_;  // by spawn id
};

}  // namespace vx11::torture

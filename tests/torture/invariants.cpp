#include "invariants.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "remains.hpp"
#include "temp_directory.hpp"

namespace vx11::torture {

namespace {

// In the order of the SELECT.
enum Column : size_t {
  kId,
  kUuid,
  kName,
  kStatus,
  kOutcome,
  kEnded,
  kPid,
  kAttempt,
  kCorrelation,
  kEvents,
  kUsage,
  kAttempts,
  kEnds,
  kOutBytes,
  kOutLength,
  kOutFile,
  kErrBytes,
  kErrLength,
  kErrFile
};

constexpr const char* kSelect =
    "SELECT id, uuid, name, status, outcome, ended_at IS NOT NULL, pid, attempt, correlation_id,"
    " (SELECT count(*) FROM routing_events e WHERE e.trace_id = correlation_id AND e.spawn_uuid = uuid),"
    " (SELECT count(*) FROM cli_usage_stats u WHERE u.trace_id = correlation_id),"
    " (SELECT count(*) FROM spawn_attempts a WHERE a.spawn_row = s.id),"
    " (SELECT count(*) FROM spawn_attempts a WHERE a.spawn_row = s.id AND a.ended_at IS NOT NULL"
    "   AND a.status = 'ended' AND a.outcome = s.outcome),"
    " stdout_bytes, length(stdout), stdout_file, stderr_bytes, length(stderr), stderr_file"
    " FROM spawns s WHERE id > ";

const std::set<std::string> kTerminal{"completed", "failed", "timeout", "cancelled", "interrupted"};

std::string cell(const test::SqliteReader::Row& row, size_t column) {
  return row[column].value_or("NULL");
}

// What stands behind "name=" in a line of a log.
std::string fieldOf(const std::string& line, const std::string& name) {
  const auto begin = line.find(" " + name);
  if (begin == std::string::npos) return {};
  const auto value = begin + 1 + name.size();
  return line.substr(value, line.find(' ', value) - value);
}

// How many attempts the row must have. What was cancelled while it waited has none, and what was interrupted
// is not tried again.
std::string attemptsOf(const test::SqliteReader::Row& row, const TaskChoice& task) {
  const auto outcome = cell(row, kOutcome);
  const auto has = cell(row, kAttempts);
  if (outcome == "cancelled" && has == "0") return "0";
  if (outcome == "interrupted" && std::stoul(has) >= 1 && std::stoul(has) <= retriesOf(task) + 1) return has;
  return std::to_string(retriesOf(task) + 1);
}

}  // namespace

std::vector<std::string> Invariants::check(const std::vector<Submitted>& submitted, bool spawner_was_hit) {
  faults_.clear();
  readBooks();
  recorded_ = spawner_was_hit ? recordedEnds() : std::map<std::string, unsigned>();
  for (const auto& each : submitted) {
    if (!each.uuid.empty()) checkAnswered(each);
  }
  checkRows(submitted, spawner_was_hit);
  checkLog();
  checkDatabase();
  checkNothingLeft();
  return faults_;
}

// Everything has ended, so the books are complete.
void Invariants::readBooks() {
  starts_.clear();
  counts_.clear();
  std::ifstream ledger(scene_.books().ledger);
  for (std::string line; std::getline(ledger, line);) ++starts_[line];
  std::ifstream counts(scene_.books().counts);
  for (std::string line; std::getline(counts, line);) {
    std::istringstream words(line);
    std::string uuid;
    Counted counted;
    words >> uuid >> counted.out >> counted.err;
    counts_[uuid] = counted;
  }
}

// The spawner writes the line after the record.
std::map<std::string, unsigned> Invariants::recordedEnds() const {
  std::map<std::string, unsigned> names;
  std::ifstream log(scene_.daemon().stateDirectory() / "vx11-spawner.log");
  for (std::string line; std::getline(log, line);) {
    if (line.find("event=daughter.finished ") != std::string::npos) ++names[fieldOf(line, "spawn_id=")];
  }
  return names;
}

void Invariants::checkAnswered(const Submitted& submitted) {
  const auto answer = scene_.daemon().http().get("/vx11/result/" + submitted.uuid);
  if (answer.status != 200 || answer.text("spawn_id") != submitted.spawn_id) {
    fault(submitted.spawn_id + " was answered and is not found: " + answer.body.substr(0, 300));
  } else if (answer.text("status") != "DONE" && answer.text("status") != "ERROR") {
    fault(submitted.spawn_id + " has the status " + answer.text("status") + " at the end");
  }
}

void Invariants::checkRows(const std::vector<Submitted>& submitted, bool spawner_was_hit) {
  std::map<std::string, const Submitted*> by_correlation;
  std::set<std::string> answered;
  for (const auto& each : submitted) {
    by_correlation[each.correlation_id] = &each;
    if (!each.uuid.empty()) answered.insert(each.uuid);
  }
  const test::SqliteReader database(scene_.daemon().database());
  for (const auto& row : database.rows(kSelect + std::to_string(last_row_) + " ORDER BY id")) {
    last_row_ = std::stoll(cell(row, kId));
    known_.insert(cell(row, kUuid));
    answered.erase(cell(row, kUuid));
    const auto found = by_correlation.find(cell(row, kCorrelation));
    checkRow(row, found == by_correlation.end() ? nullptr : found->second, spawner_was_hit);
    if (found != by_correlation.end()) by_correlation.erase(found);
  }
  for (const auto& uuid : answered) fault(uuid + " was answered and has no row");
  for (const auto& [uuid, times] : starts_) {
    if (!known_.contains(uuid)) fault(uuid + " was started and has no row");
  }
}

void Invariants::checkRow(const test::SqliteReader::Row& row, const Submitted* submitted,
                          bool spawner_was_hit) {
  const auto name = cell(row, kName);
  const auto outcome = cell(row, kOutcome);
  const auto expect = [&](Column column, const std::string& wanted, const char* what) {
    if (cell(row, column) != wanted) fault(name + " (" + outcome + ") has " + what + " " + cell(row, column));
  };
  if (submitted == nullptr)
    return fault(name + " was submitted by nobody, or twice: " + cell(row, kCorrelation));
  if (!kTerminal.contains(cell(row, kStatus))) fault(name + " has the status " + cell(row, kStatus));
  expect(kEnded, "1", "ended_at");
  expect(kPid, "NULL", "the pid");
  expect(kEvents, "1", "routing events:");
  const auto attempts = attemptsOf(row, submitted->task);
  expect(kAttempt, attempts, "the attempt number");
  expect(kAttempts, attempts, "attempts:");
  expect(kEnds, outcome == "interrupted" ? "1" : attempts, "attempts that ended with its outcome:");
  expect(kUsage, attempts, "usage rows:");
  const auto started = starts_.find(cell(row, kUuid));
  if (started != starts_.end() && started->second > std::stoul(attempts))
    fault(name + " was started " + std::to_string(started->second) + " times in " + attempts + " attempts");

  if (outcome == "interrupted" && spawner_was_hit) {
    const auto recorded = recorded_.find(name);
    if (recorded != recorded_.end() && recorded->second >= std::stoul(attempts))
      fault(name + " is interrupted, though its spawner has recorded its end");
    return;
  }
  if (outcome != expectedOutcome(submitted->task)) {
    fault(name + " ended as " + outcome + ", not as " + expectedOutcome(submitted->task));
  }
  const auto uuid = cell(row, kUuid);
  const auto counted = counts_.find(uuid);
  if (countsBeforeItEnds(submitted->task) && (counted == counts_.end() || !starts_.contains(uuid))) {
    return fault(name + " ended as " + outcome + " and was never run");
  }
  if (counted == counts_.end()) return;
  checkBytes(name, "stdout", counted->second.out, row, kOutBytes);
  checkBytes(name, "stderr", counted->second.err, row, kErrBytes);
}

// Three columns from `column` on: bytes, length of what is in the row, file.
void Invariants::checkBytes(const std::string& name, const std::string& stream, const std::string& said,
                            const test::SqliteReader::Row& row, size_t column) {
  const auto total = cell(row, column);
  if (total != said)
    return fault(name + " wrote " + said + " bytes to " + stream + ", and " + total + " are recorded");
  const auto in_row = cell(row, column + 1);
  if (!row[column + 2]) {
    if (in_row != said)
      fault(name + " has " + in_row + " of " + said + " bytes of " + stream + " in its row");
    return;
  }
  std::error_code error;
  const auto file = scene_.daemon().stateDirectory() / "spool" / *row[column + 2];
  const auto size = std::filesystem::file_size(file, error);
  if (error || std::to_string(size) != said) {
    fault(name + " wrote " + said + " bytes to " + stream + ", and not so many are in " + file.string());
  }
}

// A host that is killed between a commit and its line has written none.
void Invariants::checkLog() {
  std::ifstream log(scene_.daemon().directory() / "log");
  log.seekg(static_cast<std::streamoff>(log_read_));
  for (std::string line; std::getline(log, line);) {
    log_read_ += line.size() + 1;
    if (line.find("event=spawn.finished ") == std::string::npos) continue;
    const auto name = fieldOf(line, "spawn_id=");
    if (++finished_lines_[name] == 2) fault(name + " finished twice, by the log");
  }
}

void Invariants::checkDatabase() {
  const test::SqliteReader database(scene_.daemon().database());
  const auto expect = [&](const std::string& sql, const std::string& wanted) {
    const auto value = database.value(sql);
    if (value != wanted) fault(sql + " is " + value);
  };
  expect("PRAGMA integrity_check", "ok");
  expect("SELECT count(*) FROM pragma_foreign_key_check", "0");
  expect("SELECT count(*) FROM spawns WHERE status IN ('pending', 'running')", "0");
  expect("SELECT count(*) FROM spawn_plans", "0");
}

void Invariants::checkNothingLeft() {
  const auto remains = remainsOf(scene_, known_);
  faults_.insert(faults_.end(), remains.begin(), remains.end());
}

}  // namespace vx11::torture

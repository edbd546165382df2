#include "api/spawn_list.hpp"

#include <array>
#include <charconv>

#include <Poco/Checksum.h>
#include <Poco/String.h>

#include "api/encode.hpp"
#include "api/result.hpp"
#include "base/id.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1000;

struct Wanted {
  tasks::StatusFilter status = tasks::StatusFilter::kAny;
  store::spawns::Page page;
};

// Reads the query and remembers what was wrong with it.
class Query {
 public:
  explicit Query(const http::Request& request) : query_(request.query) {}

  // Empty where it is not given.
  std::string text(const std::string& name) const {
    const auto found = query_.find(name);
    return found == query_.end() ? std::string() : found->second;
  }
  void fail(const std::string& name, const std::string& message) { errors_.push_back({name, message}); }
  void finish() {
    if (!errors_.empty()) throw Error(ErrorCode::kInvalidField, "the query cannot be answered", errors_);
  }

 private:
  const std::map<std::string, std::string>& query_;
  std::vector<FieldError> errors_;
};

tasks::StatusFilter statusOf(Query& query) {
  using tasks::StatusFilter;
  struct Word {
    const char* text;
    StatusFilter filter;
  };
  constexpr std::array<Word, 4> kWords{{{"QUEUED", StatusFilter::kQueued},
                                        {"RUNNING", StatusFilter::kRunning},
                                        {"DONE", StatusFilter::kCompleted},
                                        {"ERROR", StatusFilter::kFailed}}};
  const auto given = query.text("status");
  if (given.empty()) return StatusFilter::kAny;
  for (const auto& word : kWords) {
    if (Poco::icompare(given, std::string(word.text)) == 0) return word.filter;
  }
  query.fail("status", "must be QUEUED, RUNNING, DONE or ERROR");
  return StatusFilter::kAny;
}

int limitOf(Query& query) {
  const auto given = query.text("limit");
  if (given.empty()) return kUsualPage;
  const auto limit = wholeNumber(given, 1, kLargestPage);
  if (!limit) query.fail("limit", "must be a whole number from 1 to " + std::to_string(kLargestPage));
  return limit.value_or(kUsualPage);
}

WallTime sinceOf(Query& query) {
  const auto given = query.text("since");
  if (given.empty()) return {};
  const auto time = parseUtc(given);
  if (!time) {
    query.fail("since",
               "must be a time in UTC, as 2026-01-02, 2026-01-02T00:55:49Z or 2026-01-02T00:55:49.253550");
  }
  return time.value_or(WallTime());
}

// A cursor is "FILTERS.MICROSECONDS.UUID": what the page was filtered by (a checksum, for it is compared
// only), and the creation and uuid of its last row.
std::string filtersOf(const Wanted& wanted) {
  Poco::Checksum sum;
  sum.update(std::to_string(static_cast<int>(wanted.status)) + " " +
             std::to_string(microsOf(wanted.page.since)) + " " + wanted.page.task_type);
  return std::to_string(sum.checksum());
}

std::string cursorAfter(const Wanted& wanted, const store::SpawnRow& row) {
  return filtersOf(wanted) + "." + std::to_string(microsOf(row.created_at)) + "." + row.uuid;
}

std::optional<store::spawns::Position> positionOf(Query& query, const Wanted& wanted) {
  const auto given = query.text("cursor");
  if (given.empty()) return std::nullopt;
  const auto first = given.find('.');
  const auto second = given.find('.', first + 1);
  int64_t micros = 0;
  std::errc failure = std::errc::invalid_argument;
  if (first != std::string::npos && second != std::string::npos) {
    const auto* end = given.data() + second;
    const auto parsed = std::from_chars(given.data() + first + 1, end, micros);
    if (parsed.ptr == end) failure = parsed.ec;
  }
  constexpr int64_t kLastMicrosecond = 253'402'300'799'999'999;  // of the year 9999
  if (failure != std::errc() || micros < 0 || micros > kLastMicrosecond ||
      !isCorrelationId(given.substr(second + 1))) {
    query.fail("cursor", "is no cursor; send back next_cursor as it was answered");
    return std::nullopt;
  }
  if (given.substr(0, first) != filtersOf(wanted)) {
    query.fail("cursor", "belongs to a query with other filters; send the same status, task_type and since");
    return std::nullopt;
  }
  return store::spawns::Position{wallFromMicros(micros), given.substr(second + 1)};
}

Wanted decode(const http::Request& request) {
  Query query(request);
  Wanted wanted;
  wanted.status = statusOf(query);
  wanted.page.task_type = query.text("task_type");
  wanted.page.since = sinceOf(query);
  wanted.page.limit = limitOf(query);
  wanted.page.before = positionOf(query, wanted);
  query.finish();
  return wanted;
}

}  // namespace

http::Response listSpawns(const Services& services, const http::Request& request) {
  auto wanted = decode(request);
  const auto limit = static_cast<size_t>(wanted.page.limit);
  // One more than is told: whether there is a next page.
  wanted.page.limit += 1;
  const auto views = services.engine.list(wanted.status, wanted.page);
  auto list = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  for (size_t i = 0; i < std::min(limit, views.size()); ++i) list->add(encodeSummary(views[i]));
  auto body = json::newObject();
  body->set("spawns", list);
  body->set("next_cursor", textOrNull(views.size() > limit ? cursorAfter(wanted, views[limit - 1].row) : ""));
  return answer(body);
}

}  // namespace vx11::api

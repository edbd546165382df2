#include "outcome.hpp"

#include "failure.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

int number(const Json& result, const std::string& name, int otherwise) {
  const auto value = result.get(name);
  return value.isEmpty() ? otherwise : value.convert<int>();
}

}  // namespace

int exitCodeOf(const Json& result) {
  const auto outcome = text(result, "outcome");
  if (outcome == "succeeded") return kDone;
  if (outcome == "timeout") return kTimeLimit;
  if (outcome == "cancelled") return kCancelled;
  if (outcome != "failed") return kFailed;
  if (const int signal = number(result, "signal", 0); signal != 0) return kSignalBase + signal;
  return number(result, "exit_code", kRefused);
}

std::string troubleOf(const Json& result) {
  const auto outcome = text(result, "outcome");
  if (outcome == "succeeded") return {};
  const auto reason = text(result, "reason");
  const auto because = reason.empty() ? "" : ": " + printable(reason);
  if (outcome == "failed" && number(result, "signal", 0) == 0)
    return "failed with status " + std::to_string(number(result, "exit_code", kRefused)) + because;
  if (outcome == "failed") return "failed" + because;
  if (outcome == "timeout") return "reached a time limit" + because;
  return outcome + because;
}

std::string wordOf(const Json& result) {
  const auto outcome = text(result, "outcome");
  const auto status = text(result, "status");
  return status == "ERROR" && !outcome.empty() ? outcome : status;
}

std::string shownWord(const std::string& word) {
  if (word == "DONE") return inColour(Colour::kGood, word);
  if (word == "RUNNING" || word == "QUEUED") return inColour(Colour::kBusy, word);
  return inColour(Colour::kBad, word);
}

}  // namespace vx11::client

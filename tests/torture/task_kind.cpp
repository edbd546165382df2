#include "task_kind.hpp"

#include <unistd.h>

#include <sstream>

#include <Poco/JSON/Object.h>

namespace vx11::torture {

namespace {

constexpr unsigned kTtlOfSlow = 1;
constexpr unsigned kTtl = 120;

Kind quickKind(Choice& choice) {
  const unsigned dice = choice.below(100);
  if (dice < 36) return Kind::kQuick;
  if (dice < 48) return Kind::kFail;
  if (dice < 52) return Kind::kSignal;
  if (dice < 67) return Kind::kOutput;
  if (dice < 69) return Kind::kLoud;
  if (dice < 89) return Kind::kSleep;
  if (dice < 93) return Kind::kPython;
  if (dice < 96) return Kind::kCancelled;
  if (dice < 98) return Kind::kRetried;
  return Kind::kTree;
}

std::string quoted(const std::filesystem::path& path) {
  return "'" + path.string() + "'";
}

// One write each: a line of the books is never torn, nor mixed with another one.
std::string sign(const Books& books) {
  return "echo $VX11_TASK_ID >> " + quoted(books.ledger) + "\n";
}

std::string print(const TaskChoice& task, const Books& books) {
  const auto out = std::to_string(task.out_bytes);
  const auto err = std::to_string(task.err_bytes);
  std::string code;
  if (task.out_bytes > 0) code += "printf '%" + out + "s' ''\n";
  if (task.err_bytes > 0) code += "printf '%" + err + "s' '' >&2\n";
  return code + "echo $VX11_TASK_ID " + out + " " + err + " >> " + quoted(books.counts) + "\n";
}

std::string sleepFor(unsigned milliseconds) {
  std::string digits = std::to_string(milliseconds % 1000);
  digits.insert(0, 3 - digits.size(), '0');
  return "sleep " + std::to_string(milliseconds / 1000) + "." + digits + "\n";
}

// Without a user id of their own, what is left of a tree whose spawner was killed is known by the environment
// alone.
std::string runaways() {
  std::string code = "setsid sleep 1000 &\n(setsid sh -c 'trap \"\" TERM; sleep 1000; :' &)\n";
  if (geteuid() == 0) code += "env -i /usr/bin/setsid /usr/bin/sleep 1000 > /dev/null 2>&1 &\n";
  return code;
}

std::string pythonCode(const TaskChoice& task, const Books& books) {
  const auto line = [](const std::filesystem::path& file, const std::string& rest) {
    return "with open('" + file.string() + "', 'a') as f: f.write(os.environ['VX11_TASK_ID'] + '" + rest +
           "\\n')\n";
  };
  return "import os, sys\n" + line(books.ledger, "") + "sys.stdout.write('p' * " +
         std::to_string(task.out_bytes) + ")\nsys.stdout.flush()\n" +
         line(books.counts, " " + std::to_string(task.out_bytes) + " 0");
}

std::string shellCode(const TaskChoice& task, const Books& books) {
  const std::string begin = sign(books);
  switch (task.kind) {
    case Kind::kQuick:
    case Kind::kOutput:
    case Kind::kPython:
      return begin + print(task, books);
    case Kind::kFail:
    case Kind::kRetried:
      return begin + print(task, books) + "exit " + std::to_string(task.exit_code) + "\n";
    case Kind::kSignal:
      return begin + print(task, books) + "kill -9 $$\n";
    case Kind::kLoud:
      return begin + sleepFor(task.sleep_ms) + print(task, books);
    case Kind::kSleep:
      return begin + print(task, books) + sleepFor(task.sleep_ms);
    case Kind::kTimeout:
    case Kind::kCancelled:
      return begin + print(task, books) + "exec sleep 1000\n";
    case Kind::kStubborn:
      return "trap '' TERM\n" + begin + print(task, books) + "sleep 1000\nsleep 1000\n";
    case Kind::kTree:
      return begin + runaways() + print(task, books) + sleepFor(task.sleep_ms) + "exit 0\n";
  }
  return begin;
}

}  // namespace

TaskChoice chooseTask(Choice& choice, unsigned percent_slow) {
  TaskChoice task;
  task.waits = choice.chance(15);
  task.opens_window = choice.chance(6);
  task.is_resent = choice.chance(40);
  task.kind = quickKind(choice);
  if (choice.chance(percent_slow)) task.kind = choice.chance(70) ? Kind::kTimeout : Kind::kStubborn;
  task.exit_code = choice.between(1, 125);
  task.sleep_ms = task.kind == Kind::kSleep ? choice.between(15, 400) : choice.between(0, 30);
  task.out_bytes = choice.chance(60) ? choice.below(3000) : 0;
  task.err_bytes = choice.chance(30) ? choice.below(3000) : 0;
  if (task.kind == Kind::kLoud) task.out_bytes = choice.between(200'000, 400'000);
  if (task.kind == Kind::kPython) task.err_bytes = 0;
  if (isToBeCancelled(task)) task.waits = false;
  return task;
}

TaskChoice hoardedTask() {
  TaskChoice task;
  task.kind = Kind::kLoud;
  task.out_bytes = 270'000;
  task.err_bytes = 270'000;
  task.sleep_ms = 1000;
  return task;
}

const char* expectedOutcome(const TaskChoice& task) {
  switch (task.kind) {
    case Kind::kFail:
    case Kind::kRetried:
    case Kind::kSignal:
      return "failed";
    case Kind::kTimeout:
    case Kind::kStubborn:
      return "timeout";
    case Kind::kCancelled:
      return "cancelled";
    default:
      return "succeeded";
  }
}

// On a busy machine a second may be over before a program has begun.
bool countsBeforeItEnds(const TaskChoice& task) {
  return !isToBeCancelled(task) && task.kind != Kind::kTimeout && task.kind != Kind::kStubborn;
}

std::string bodyOf(const TaskChoice& task, const Books& books, const std::string& correlation_id) {
  const bool slow = task.kind == Kind::kTimeout || task.kind == Kind::kStubborn;
  const bool python = task.kind == Kind::kPython;
  Poco::JSON::Object body;
  body.set("task_type", python ? "python" : "shell");
  body.set("code", python ? pythonCode(task, books) : shellCode(task, books));
  body.set("ttl_seconds", slow ? kTtlOfSlow : kTtl);
  body.set("correlation_id", correlation_id);
  body.set("max_retries", retriesOf(task));
  std::ostringstream text;
  body.stringify(text);
  return text.str();
}

}  // namespace vx11::torture

#include "tasks/planner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "plugins/registry.hpp"

namespace vx11::tasks {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool isProgram(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

// A bare name is looked for where a daughter would find it, not in our own PATH.
std::optional<std::string> findProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return isProgram(name) ? std::optional(name) : std::nullopt;
  size_t begin = 0;
  while (begin < kTaskPath.size()) {
    const size_t end = std::min(kTaskPath.find(':', begin), kTaskPath.size());
    auto candidate = std::string(kTaskPath.substr(begin, end - begin)) + "/" + name;
    if (isProgram(candidate)) return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

[[noreturn]] void refuseTaskType(const std::string& task_type, const std::vector<std::string>& known) {
  const auto near = text::nearest(task_type, known);
  const auto list = known.empty() ? std::string("no interpreter plugin is loaded; see GET /vx11/plugins")
                                  : "must be one of " + joined(known);
  throw Error(
      ErrorCode::kInvalidField, "no interpreter serves task_type \"" + task_type + "\"",
      std::vector<FieldError>{{"task_type", list + (near.empty() ? "" : "; did you mean " + near + "?")}});
}

// One name, or one a folder that the other would have to be.
bool collide(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '/');
}

void addFiles(Plan& plan, const std::vector<PlanFile>& files) {
  const auto own = static_cast<std::ptrdiff_t>(plan.files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    const auto taken = std::find_if(plan.files.begin(), plan.files.end(),
                                    [&](const PlanFile& file) { return collide(file.name, files[i].name); });
    if (taken != plan.files.end()) {
      const bool is_own = taken - plan.files.begin() < own;
      throw Error(ErrorCode::kInvalidField, "two files cannot lie in one place",
                  std::vector<FieldError>{{"files[" + std::to_string(i) + "].name",
                                           "\"" + files[i].name + "\" is taken by " +
                                               (is_own ? "the interpreter's own file" : "another file") +
                                               " \"" + taken->name + "\"; choose another name"}});
    }
    plan.files.push_back(files[i]);
  }
}

}  // namespace

Planner::Planner(const plugins::Registry& registry, std::map<std::string, std::string> programs)
    : registry_(registry), programs_(std::move(programs)) {}

Plan Planner::plan(const Submission& submission) const {
  const auto* interpreter = registry_.interpreterFor(submission.task_type);
  if (interpreter == nullptr) refuseTaskType(submission.task_type, registry_.taskTypes());

  plugins::InterpretRequest request;
  request.task_type = submission.task_type;
  request.code = submission.code;
  request.args = submission.args;
  request.stdin_bytes = submission.stdin_bytes;
  request.cwd = submission.cwd;
  request.env = submission.env;
  request.options_json = submission.metadata_json;
  Plan plan = interpreter->plan(request);

  const auto configured = programs_.find(interpreter->name());
  const auto wanted = configured != programs_.end() ? configured->second : plan.program;
  const auto program = findProgram(wanted);
  if (!program) {
    const auto key = "interpreter." + interpreter->name() + ".program";
    throw Error(ErrorCode::kInterpreterMissing,
                "the interpreter of task_type \"" + submission.task_type + "\" is not installed: " + wanted +
                    (wanted.find('/') != std::string::npos ? " is not an executable file"
                                                           : " is not in " + std::string(kTaskPath)),
                (interpreter->installHint().empty() ? "" : interpreter->installHint() + ", or ") + "set " +
                    key + " in the configuration");
  }
  plan.program = *program;
  addFiles(plan, submission.files);
  plan.limits = submission.limits;
  for (const auto& [name, value] : submission.secret_env) plan.secret_names.push_back(name);
  return plan;
}

std::string commandLine(const Plan& plan) {
  std::string line = text::shellQuote(plan.program);
  for (const auto& arg : plan.args) line += " " + text::shellQuote(arg.text);
  return line;
}

}  // namespace vx11::tasks

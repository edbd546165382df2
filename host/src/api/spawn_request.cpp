#include "api/spawn_request.hpp"

#include <algorithm>
#include <array>

#include "api/spawn_limits.hpp"
#include "base/id.hpp"
#include "base/text.hpp"
#include "tasks/retry_policy.hpp"

namespace vx11::api {

namespace {

constexpr int64_t kMaxTtlSeconds = 86400;
constexpr int64_t kMaxRetries = 10;
constexpr size_t kMaxUserIdBytes = 128;
constexpr size_t kMaxLabelBytes = 256;
constexpr size_t kMaxTaskTypeBytes = 64;
constexpr size_t kMaxMetadataBytes = 64 * 1024;
constexpr size_t kMaxPathBytes = 4095;     // PATH_MAX without its NUL
constexpr size_t kMaxFileNameBytes = 255;  // NAME_MAX
constexpr size_t kMaxFiles = 190;          // what travels to the spawner at once, less the plugin's own
constexpr size_t kMaxStringBytes =
    128 * 1024 - 1;  // the kernel's MAX_ARG_STRLEN for one string of argv or environ
constexpr size_t kMaxArgumentBytes = 1024 * 1024;  // of argv and environ together: half of the usual ARG_MAX

// A field that the contract knows and this version does not serve yet: refused, never silently ignored.
class Unserved {
 public:
  void add(const std::string& name, const std::string& instead) {
    fields_.push_back({name, "is not supported yet" + (instead.empty() ? "" : "; " + instead)});
  }
  void refuse() const {
    if (fields_.empty()) return;
    throw Error(ErrorCode::kNotYetSupported, "the request uses what this version does not serve yet",
                fields_);
  }

 private:
  std::vector<FieldError> fields_;
};

// `name` as text or `name`_base64 as bytes, not both.
std::optional<std::string> textOrBytes(json::Fields& fields, const std::string& name) {
  auto bytes = fields.base64(name + "_base64");
  auto text = fields.string(name);
  if (text && bytes) fields.fail(name, "stands beside " + name + "_base64: send one of them");
  return text ? text : bytes;
}

bool isSafeRelativePath(std::string_view name) {
  if (name.empty() || name.size() > kMaxFileNameBytes || name.front() == '/' || name.back() == '/')
    return false;
  size_t begin = 0;
  while (begin <= name.size()) {
    const size_t end = std::min(name.find('/', begin), name.size());
    const auto part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

void decodeFiles(json::Fields& fields, tasks::Submission& submission) {
  const auto list = fields.objects("files");
  if (!list) return;
  if (list->size() > kMaxFiles) {
    fields.fail("files", "has " + std::to_string(list->size()) + " files; at most " +
                             std::to_string(kMaxFiles) + " are possible, so pack them into an archive");
    return;
  }
  for (size_t i = 0; i < list->size(); ++i) {
    json::Fields file((*list)[i], "files[" + std::to_string(i) + "].");
    PlanFile decoded;
    decoded.name = file.string("name").value_or("");
    if (!isSafeRelativePath(decoded.name)) {
      file.fail("name", "must be a relative path of at most 255 bytes without empty parts, \".\" or \"..\"");
    }
    decoded.content = textOrBytes(file, "content").value_or("");
    if (!file.has("content") && !file.has("content_base64"))
      file.fail("content", "is missing; \"\" makes an empty file");
    submission.files.push_back(std::move(decoded));
    fields.absorb(file, json::UnknownFields::kRefuse);
  }
}

std::map<std::string, std::string> decodeVariables(json::Fields& fields, const std::string& field) {
  auto variables = fields.stringMap(field).value_or(std::map<std::string, std::string>{});
  for (const auto& [name, value] : variables) {
    if (name.empty() || name.find('=') != std::string::npos) {
      fields.fail(field, "has the name \"" + name + "\"; a name is not empty and has no \"=\"");
    } else if (name.starts_with("VX11_")) {
      fields.fail(field + "." + name, "is not yours to set: VX11_* tells the task who it is");
    }
  }
  return variables;
}

void decodeEnvironment(json::Fields& fields, tasks::Submission& submission) {
  submission.env = decodeVariables(fields, "env");
  submission.secret_env = decodeVariables(fields, "secret_env");
  for (const auto& [name, value] : submission.secret_env) {
    if (submission.env.contains(name))
      fields.fail("secret_env." + name, "stands in env too: send one of them");
  }
}

void checkArgumentSpace(json::Fields& fields, const tasks::Submission& submission) {
  size_t total = 0;
  for (size_t i = 0; i < submission.args.size(); ++i) {
    if (submission.args[i].size() >= kMaxStringBytes) {
      fields.fail("args[" + std::to_string(i) + "]",
                  "is longer than 131070 bytes; pass it by stdin or files");
    }
    total += submission.args[i].size() + 1 + sizeof(char*);
  }
  const auto add = [&](const std::string& field, const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      if (name.size() + value.size() + 1 >= kMaxStringBytes)
        fields.fail(field + "." + name, "is longer than 131070 bytes; pass it by stdin or files");
      total += name.size() + value.size() + 2 + sizeof(char*);
    }
  };
  add("env", submission.env);
  add("secret_env", submission.secret_env);
  if (total > kMaxArgumentBytes)
    fields.fail("args", "and env are over 1 MiB together; pass data by stdin or files");
}

void decodeMetadata(json::Fields& fields, tasks::Submission& submission) {
  const auto metadata = fields.object("metadata");
  if (!metadata) return;
  submission.metadata_json = json::print(**metadata);
  if (submission.metadata_json.size() > kMaxMetadataBytes) fields.fail("metadata", "is larger than 64 KiB");
}

void decodeRetries(json::Fields& fields, tasks::Submission& submission) {
  submission.max_retries = fields.integer("max_retries", 0, kMaxRetries).value_or(0);
  auto outcomes = fields.strings("retry_on");
  if (!outcomes) return;
  const auto& known = tasks::retryableOutcomes();
  for (size_t i = 0; i < outcomes->size(); ++i) {
    if (std::find(known.begin(), known.end(), (*outcomes)[i]) != known.end()) continue;
    std::string list;
    for (const auto& outcome : known) list += (list.empty() ? "" : ", ") + outcome;
    fields.fail("retry_on[" + std::to_string(i) + "]", "must be one of " + list);
  }
  if (outcomes->empty()) fields.fail("retry_on", "names no outcome; leave it out for the usual ones");
  std::sort(outcomes->begin(), outcomes->end());
  outcomes->erase(std::unique(outcomes->begin(), outcomes->end()), outcomes->end());
  submission.retry_on = std::move(*outcomes);
}

void decodePriority(json::Fields& fields, tasks::Submission& submission) {
  constexpr std::array<std::string_view, 3> kPriorities{"P0", "P1", "P2"};
  const auto given = fields.string("priority");
  if (!given) return;
  const auto found = std::find(kPriorities.begin(), kPriorities.end(), *given);
  if (found == kPriorities.end())
    fields.fail("priority", "must be P0, P1 or P2");
  else
    submission.priority = static_cast<int>(found - kPriorities.begin());
}

void decodeUnserved(json::Fields& fields, Unserved& unserved) {
  fields.known("outputs");
  if (fields.has("outputs")) unserved.add("outputs", "leave it out");
}

}  // namespace

tasks::Submission decodeSubmission(const json::ObjectPtr& body, const std::string& header_correlation_id,
                                   json::UnknownFields unknown) {
  json::Fields fields(body);
  Unserved unserved;
  tasks::Submission submission;
  submission.task_type = fields.string("task_type", {1, kMaxTaskTypeBytes}).value_or("");
  if (!fields.has("task_type")) fields.fail("task_type", "is missing: for instance shell, bash or python");
  submission.code = textOrBytes(fields, "code").value_or("");
  if (!fields.has("code") && !fields.has("code_base64")) {
    fields.fail("code", "is missing: the program to run");
  } else if (submission.code.empty() && !fields.has("code_base64")) {
    fields.fail("code", "must be a string that is not empty");
  } else if (submission.code.empty() && !fields.has("code")) {
    fields.fail("code_base64", "must be the base64 of at least one byte");
  }
  submission.ttl_seconds = fields.integer("ttl_seconds", 1, kMaxTtlSeconds).value_or(submission.ttl_seconds);
  submission.user_id = fields.string("user_id", {1, kMaxUserIdBytes}).value_or(submission.user_id);
  submission.label = fields.string("label", {0, kMaxLabelBytes}).value_or("");
  submission.correlation_id = fields.string("correlation_id").value_or("");
  if (fields.has("correlation_id") && !isCorrelationId(submission.correlation_id)) {
    fields.fail("correlation_id", "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -");
  }
  if (submission.correlation_id.empty()) submission.correlation_id = header_correlation_id;
  submission.args = fields.strings("args").value_or(std::vector<std::string>{});
  submission.stdin_bytes = textOrBytes(fields, "stdin").value_or("");
  submission.cwd = fields.string("cwd", {1, kMaxPathBytes}).value_or("");
  if (!submission.cwd.empty() && submission.cwd.front() != '/')
    fields.fail("cwd", "must be an absolute path");
  decodeEnvironment(fields, submission);
  decodeFiles(fields, submission);
  checkArgumentSpace(fields, submission);
  decodeMetadata(fields, submission);
  decodeRetries(fields, submission);
  decodePriority(fields, submission);
  submission.limits = decodeLimits(fields);
  decodeUnserved(fields, unserved);
  fields.finish(unknown);
  unserved.refuse();
  return submission;
}

std::string correlationIdOf(const json::ObjectPtr& body) {
  const auto value = body->get("correlation_id");
  if (!value.isString()) return {};
  auto text = value.extract<std::string>();
  return isCorrelationId(text) ? text : std::string();
}

std::string taskTypeOf(const json::ObjectPtr& body) {
  const auto value = body->get("task_type");
  if (!value.isString()) return {};
  auto text = value.extract<std::string>();
  return text.size() <= kMaxTaskTypeBytes && text.find('\0') == std::string::npos ? text : std::string();
}

}  // namespace vx11::api

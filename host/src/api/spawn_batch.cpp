#include "api/spawn_batch.hpp"

#include "api/encode.hpp"
#include "api/spawn.hpp"
#include "api/spawn_request.hpp"
#include "api/windows.hpp"
#include "policy/windows.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

constexpr size_t kMaxSpawns = 1000;
constexpr size_t kMaxErrors = 100;

http::Response denied(const Services& services, const http::Request& request) {
  services.windows.recordDenial(kSpawnWindow, "POST /vx11/spawns/batch", request.correlation_id);
  auto body = json::newObject();
  body->set("spawns", Poco::JSON::Array::Ptr(new Poco::JSON::Array));
  body->set("status", "ERROR");
  body->set("error", "off_by_policy");
  body->set("hint", openHint(services, kSpawnWindow));
  auto response = answer(body);
  response.status = services.denied_http_status;
  return response;
}

std::vector<json::ObjectPtr> itemsOf(const Services& services, const http::Request& request) {
  json::Fields fields(json::parseObject(request.body));
  auto items = fields.objects("spawns");
  if (!fields.has("spawns")) {
    fields.fail("spawns", "is missing: a list of bodies of POST /vx11/spawn");
  } else if (items && (items->empty() || items->size() > kMaxSpawns)) {
    fields.fail("spawns", "has " + std::to_string(items->size()) + " tasks; 1 to " +
                              std::to_string(kMaxSpawns) + " are possible");
  }
  fields.finish(services.unknown_fields);
  return std::move(*items);
}

// What is wrong with any of them, named as the caller wrote it.
class Faults {
 public:
  void add(size_t item, const Error& error) {
    const auto place = "spawns[" + std::to_string(item) + "]";
    if (!any_) code_ = error.code();
    any_ = true;
    if (error.fields().empty()) push({place, error.what()});
    for (const auto& [field, message] : error.fields()) push({place + "." + field, message});
  }
  void refuse() const {
    if (!any_) return;
    throw Error(code_, "none of them was started, for not all of them can be accepted: see errors", errors_);
  }

 private:
  void push(FieldError error) {
    if (errors_.size() < kMaxErrors) errors_.push_back(std::move(error));
  }

  bool any_ = false;
  ErrorCode code_ = ErrorCode::kInvalidField;
  std::vector<FieldError> errors_;
};

}  // namespace

http::Response spawnBatch(const Services& services, const http::Request& request) {
  if (request.header("idempotency-key") != nullptr) {
    throw Error(
        ErrorCode::kInvalidField, "a batch takes no Idempotency-Key",
        std::vector<FieldError>{{"Idempotency-Key", "is for single tasks: send each with a key of its own"}});
  }
  const auto cancellations = services.engine.cancellations();
  const auto items = itemsOf(services, request);
  if (!services.windows.isOpen(kSpawnWindow)) return denied(services, request);

  std::vector<tasks::Planned> planned;
  Faults faults;
  for (size_t i = 0; i < items.size(); ++i) {
    try {
      auto submission = decodeSubmission(items[i], request.correlation_id_given ? request.correlation_id : "",
                                         services.unknown_fields);
      submission.traceparent = request.traceparent;
      submission.cancellations = cancellations;
      auto plan = services.engine.plan(submission);
      planned.push_back({std::move(submission), std::move(plan)});
    } catch (const Error& error) {
      faults.add(i, error);
    }
  }
  faults.refuse();

  Poco::JSON::Array::Ptr spawns = new Poco::JSON::Array;
  for (const auto& task : services.engine.submitAll(planned))
    spawns->add(encodeAccepted(services.engine.view(task), "QUEUED"));
  auto body = json::newObject();
  body->set("spawns", spawns);
  return answer(body);
}

}  // namespace vx11::api

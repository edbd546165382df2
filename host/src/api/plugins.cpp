#include "api/plugins.hpp"

#include "api/encode.hpp"
#include "plugins/registry.hpp"

namespace vx11::api {

namespace {

Poco::JSON::Array::Ptr words(const std::vector<std::string>& list) {
  auto array = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  for (const auto& word : list) array->add(word);
  return array;
}

}  // namespace

http::Response listPlugins(const Services& services, const http::Request&) {
  auto list = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  for (const auto& record : services.plugins.records()) {
    auto plugin = json::newObject();
    plugin->set("file", record.file);
    plugin->set("state", record.state == plugins::State::kLoaded ? "loaded" : "refused");
    plugin->set("reason", textOrNull(record.reason));
    plugin->set("id", textOrNull(record.id));
    plugin->set("name", textOrNull(record.name));
    plugin->set("version", textOrNull(record.version));
    plugin->set("sdk_version", textOrNull(record.sdk_version));
    plugin->set("kinds", words(record.kinds));
    plugin->set("task_types", words(record.task_types));
    list->add(plugin);
  }
  auto body = json::newObject();
  body->set("plugins", list);
  body->set("task_types", words(services.plugins.taskTypes()));
  body->set("timestamp", isoTime(wallNow()));
  return answer(body);
}

}  // namespace vx11::api

#include "calls.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"
#include "catch.hpp"
#include "wait.hpp"

namespace vx11::test {

namespace {

bool hasEnded(const Answer& result) {
  const auto status = result.text("status");
  return status == "DONE" || (status == "ERROR" && !result.json()->isNull("outcome"));
}

}  // namespace

Json task(const std::string& task_type, const std::string& code) {
  Json body;
  body.set("task_type", task_type);
  body.set("code", code);
  return body;
}

Json shell(const std::string& code) {
  return task("shell", code);
}

Poco::JSON::Array::Ptr list(const std::vector<std::string>& items) {
  Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
  for (const auto& item : items) array->add(item);
  return array;
}

Json::Ptr object(const std::vector<std::pair<std::string, std::string>>& entries) {
  Json::Ptr made = new Json;
  for (const auto& [name, value] : entries) made->set(name, value);
  return made;
}

OpenDaemon::OpenDaemon(std::initializer_list<std::pair<std::string, std::string>> settings)
    : Daemon(settings) {
  start();
  openWindow("spawner");
}

Answer run(const Daemon& daemon, const Json& task, const Headers& headers) {
  const auto answer = daemon.http().post("/vx11/spawn?wait=60", task, headers);
  if (answer.status != 200) throw std::runtime_error("refused: " + answer.body);
  return hasEnded(answer) ? answer : finished(daemon, answer.text("spawn_id"));
}

std::string accept(const Daemon& daemon, const Json& task) {
  const auto answer = daemon.http().post("/vx11/spawn", task);
  if (answer.status != 200 || answer.text("spawn_id").empty()) {
    throw std::runtime_error("refused: " + answer.body);
  }
  return answer.text("spawn_id");
}

Answer finished(const Daemon& daemon, const std::string& id) {
  Answer result;
  const bool ended = eventually([&] {
    result = daemon.http().get("/vx11/result/" + id + "?wait=5");
    return result.status != 200 || hasEnded(result);
  });
  if (result.status != 200 || !ended) throw std::runtime_error(id + " does not end: " + result.body);
  return result;
}

void untilRunning(const Daemon& daemon, const std::string& id) {
  Answer result;
  const bool running = eventually([&] {
    result = daemon.http().get("/vx11/result/" + id);
    return result.text("status") == "RUNNING";
  });
  if (!running) throw std::runtime_error(id + " does not run: " + result.body);
}

std::vector<std::string> keys(const Json& object) {
  auto names = object.getNames();
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> keys(const Answer& answer) {
  return keys(*answer.json());
}

std::vector<std::string> words(const Poco::JSON::Array::Ptr& array) {
  std::vector<std::string> items;
  if (array) {
    for (const auto& item : *array) items.push_back(item.convert<std::string>());
  }
  return items;
}

void checkProblem(const Answer& answer, int status, const std::string& error, const std::string& field) {
  INFO(answer.status << " " << answer.body);
  CHECK(answer.status == status);
  REQUIRE(answer.headers.count("content-type") == 1);
  REQUIRE(answer.headers.at("content-type") == "application/problem+json");
  const auto body = answer.json();
  CHECK(answer.text("error") == error);
  CHECK(answer.text("status") == std::to_string(status));
  CHECK(answer.text("status_code") == std::to_string(status));
  for (const char* member : {"type", "title", "detail", "instance", "timestamp"}) {
    INFO(member);
    CHECK(body->has(member));
    // Without a readable head there is no path to name.
    if (std::string_view(member) != "instance") CHECK_FALSE(answer.text(member).empty());
  }
  CHECK(answer.text("correlation_id") == answer.headers.at("x-correlation-id"));
  if (!field.empty()) {
    INFO("the field " << field);
    CHECK_FALSE(complaint(answer, field).empty());
  }
}

std::string complaint(const Answer& answer, const std::string& field) {
  const auto errors = answer.json()->getArray("errors");
  if (!errors) return {};
  for (unsigned i = 0; i < errors->size(); ++i) {
    const auto entry = errors->getObject(i);
    if (entry->getValue<std::string>("field") == field) return entry->getValue<std::string>("message");
  }
  return {};
}

std::string waitFor(const std::filesystem::path& file) {
  return "while [ ! -e " + text::shellQuote(file.string()) + " ]; do sleep 0.02; done\n";
}

std::filesystem::path sharedDirectory(const Daemon& daemon) {
  auto directory = daemon.directory() / "shared";
  std::filesystem::create_directory(directory);
  chmod(directory.c_str(), 0777);
  return directory;
}

}  // namespace vx11::test

// The calls that all tests of the door make, and how they look at what comes back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include "daemon.hpp"
#include "http_client.hpp"

namespace vx11::test {

using Json = Poco::JSON::Object;

// {"task_type":…,"code":…}, to which a test adds its own fields.
Json task(const std::string& task_type, const std::string& code);
Json shell(const std::string& code);
// ["a","b"] and {"A":"1"}.
Poco::JSON::Array::Ptr list(const std::vector<std::string>& items);
Json::Ptr object(const std::vector<std::pair<std::string, std::string>>& entries);

// A daemon that runs, with the spawner window open for an hour.
class OpenDaemon : public Daemon {
 public:
  explicit OpenDaemon(std::initializer_list<std::pair<std::string, std::string>> settings = {});
};

// The result of a task, once it has ended. Throws std::runtime_error where it is refused or does not end.
Answer run(const Daemon& daemon, const Json& task, const Headers& headers = {});
// The spawn id of a task that was accepted and need not have started. Throws std::runtime_error.
std::string accept(const Daemon& daemon, const Json& task);
// The result of `id` once it is DONE or ERROR. Throws std::runtime_error at the deadline.
Answer finished(const Daemon& daemon, const std::string& id);
// Waits until the result of `id` says RUNNING. Throws std::runtime_error at the deadline.
void untilRunning(const Daemon& daemon, const std::string& id);

// Member names, sorted.
std::vector<std::string> keys(const Json& object);
std::vector<std::string> keys(const Answer& answer);
// A list of strings.
std::vector<std::string> words(const Poco::JSON::Array::Ptr& array);

// CHECKs that this is a problem of the contract with this status and error code; and where `field` is given,
// that the problem names it.
void checkProblem(const Answer& answer, int status, const std::string& error, const std::string& field = {});
// What a problem says about one field; empty where it does not name it.
std::string complaint(const Answer& answer, const std::string& field);

// A shell command that waits, without spinning, until `file` exists. What runs the test makes the file.
std::string waitFor(const std::filesystem::path& file);
// A directory that daughters may write into, whatever user they are.
std::filesystem::path sharedDirectory(const Daemon& daemon);

}  // namespace vx11::test

// What the handlers work with: made by the composition root, shared by all HTTP threads, never owned here.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"

namespace vx11::http {
class Server;
}
namespace vx11::plugins {
class Registry;
}
namespace vx11::policy {
class Windows;
}
namespace vx11::store {
class Database;
}
namespace vx11::tasks {
class Engine;
class IdempotencyKeys;
}  // namespace vx11::tasks

namespace vx11::api {

struct Services {
  tasks::Engine& engine;
  tasks::IdempotencyKeys& idempotency;
  policy::Windows& windows;
  const plugins::Registry& plugins;
  store::Database& database;
  json::UnknownFields unknown_fields = json::UnknownFields::kRefuse;
  int denied_http_status = 200;
  bool open_metrics = true;              // GET /metrics needs no token
  const http::Server* server = nullptr;  // which serves these; set before it starts
  std::filesystem::path database_file{};
  std::string version{};
  std::string address{};  // "http://127.0.0.1:8000", for hints that can be pasted
};

}  // namespace vx11::api

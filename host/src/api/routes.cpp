#include "api/routes.hpp"

#include "api/agents.hpp"
#include "api/backup.hpp"
#include "api/call.hpp"
#include "api/cancel.hpp"
#include "api/encode.hpp"
#include "api/metrics.hpp"
#include "api/openapi.hpp"
#include "api/output.hpp"
#include "api/plugins.hpp"
#include "api/result.hpp"
#include "api/spawn.hpp"
#include "api/spawn_batch.hpp"
#include "api/spawn_list.hpp"
#include "api/status.hpp"
#include "api/stream.hpp"
#include "api/summary.hpp"
#include "api/trace.hpp"
#include "api/windows.hpp"

namespace vx11::api {

using http::Access;
using http::Body;
using http::Request;

namespace {

constexpr const char* kPlain = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kBytes = "application/octet-stream";

QueryParameter wait() {
  return {"wait", "Seconds to wait for its end", R"({"type":"integer","minimum":0,"maximum":60})"};
}

std::vector<QueryParameter> pageOfSpawns() {
  return {{"status", "Of those in it only", R"({"enum":["QUEUED","RUNNING","DONE","ERROR"]})"},
          {"task_type", "Of this type only", R"({"type":"string"})"},
          {"since", "Created then or later, UTC", R"({"type":"string"})"},
          {"limit", "At most so many", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"},
          {"cursor", "next_cursor of the page before", R"({"type":"string"})"}};
}

std::vector<Call> calls(const Services& s) {
  const auto open_metrics = s.open_metrics ? Access::kOpen : Access::kToken;
  return {
      {"GET",
       "/health",
       Access::kOpen,
       Body::kNone,
       [&s](const Request& r) { return health(s, r); },
       "Whether it answers",
       "Health",
       "",
       {},
       true},
      {"GET", "/metrics", open_metrics, Body::kNone, [&s](const Request& r) { return metrics(s, r); },
       "The host in numbers, for Prometheus", kPlain},
      {"GET",
       "/vx11/status",
       Access::kToken,
       Body::kNone,
       [&s](const Request& r) { return status(s, r); },
       "How the host is",
       "Status",
       "",
       {},
       true},
      {"POST",
       "/vx11/window/open",
       Access::kToken,
       Body::kRequired,
       [&s](const Request& r) { return openWindow(s, r); },
       "Open a policy window for a while",
       "Window",
       "OpenRequest",
       {},
       true},
      {"POST",
       "/vx11/window/close",
       Access::kToken,
       Body::kRequired,
       [&s](const Request& r) { return closeWindow(s, r); },
       "Close it",
       "Closed",
       "CloseRequest",
       {},
       true},
      {"GET", "/vx11/window/status/{target}", Access::kToken, Body::kNone,
       [&s](const Request& r) { return windowStatus(s, r); }, "Whether it is open", "Window"},
      {"POST",
       "/vx11/spawn",
       Access::kToken,
       Body::kRequired,
       [&s](const Request& r) { return spawn(s, r); },
       "Run code",
       "Spawned",
       "SpawnRequest",
       {wait()}},
      {"GET", "/vx11/spawns", Access::kToken, Body::kNone,
       [&s](const Request& r) { return listSpawns(s, r); }, "Tasks, the newest first, page by page",
       "SpawnList", "", pageOfSpawns()},
      {"POST", "/vx11/spawns/batch", Access::kToken, Body::kRequired,
       [&s](const Request& r) { return spawnBatch(s, r); }, "Run many, all or none", "Batch", "BatchRequest"},
      {"POST",
       "/vx11/spawns/{id}/cancel",
       Access::kToken,
       Body::kOptional,
       [&s](const Request& r) { return cancel(s, r); },
       "End a task, waiting or running",
       "Result",
       "CancelRequest",
       {wait()}},
      {"GET",
       "/vx11/spawns/{id}/stdout",
       Access::kToken,
       Body::kNone,
       [&s](const Request& r) { return output(s, r, tasks::Stream::kOut); },
       "The bytes that it wrote, with Range",
       kBytes,
       "",
       {wait()}},
      {"GET",
       "/vx11/spawns/{id}/stderr",
       Access::kToken,
       Body::kNone,
       [&s](const Request& r) { return output(s, r, tasks::Stream::kErr); },
       "The bytes that it wrote, with Range",
       kBytes,
       "",
       {wait()}},
      {"GET", "/vx11/spawns/{id}/stream", Access::kToken, Body::kNone,
       [&s](const Request& r) { return stream(s, r); },
       "What it writes, while it writes it; Last-Event-ID resumes", "text/event-stream"},
      {"GET", "/vx11/spawns/{id}/events", Access::kToken, Body::kNone,
       [&s](const Request& r) { return spawnEvents(s, r); }, "What happened to a task when", "Events"},
      {"GET",
       "/vx11/trace/{id}",
       Access::kToken,
       Body::kNone,
       [&s](const Request& r) { return trace(s, r); },
       "What happened to all tasks of a correlation id when",
       "Trace",
       "",
       {{"format", "perfetto: a file for a trace viewer",
         R"({"enum":["json","perfetto"],"default":"json"})"}}},
      {"GET", "/vx11/agents", Access::kToken, Body::kNone, [&s](const Request& r) { return agents(s, r); },
       "The tasks that run now", "Agents"},
      {"GET",
       "/vx11/result/{id}",
       Access::kToken,
       Body::kNone,
       [&s](const Request& r) { return result(s, r); },
       "How a task is, or how it ended",
       "Result",
       "",
       {wait()}},
      {"GET", "/vx11/plugins", Access::kToken, Body::kNone,
       [&s](const Request& r) { return listPlugins(s, r); }, "Each plugin file, loaded or refused and why",
       "Plugins"},
      {"POST", "/vx11/backups", Access::kToken, Body::kOptional,
       [&s](const Request& r) { return makeBackup(s, r); }, "Copy what the host remembers, while it works",
       "Backup"},
      {"GET", "/vx11/db/summary", Access::kToken, Body::kNone,
       [&s](const Request& r) { return summary(s, r); }, "Row counts and the last rows", "DatabaseSummary"},
  };
}

http::Route routeOf(const Call& call) {
  if (call.any_query) return {call.method, call.pattern, call.access, call.body, call.handler};
  std::vector<std::string> names;
  for (const auto& parameter : call.query) names.push_back(parameter.name);
  return {call.method, call.pattern, call.access, call.body,
          [handler = call.handler, names = std::move(names)](const Request& request) {
            checkQuery(request, names);
            return handler(request);
          }};
}

}  // namespace

std::vector<http::Route> routes(const Services& s) {
  auto table = calls(s);
  table.push_back({"GET", "/openapi.json", Access::kToken, Body::kNone, nullptr, "This document", "OpenApi"});
  table.back().handler = [document = openApi(table, s.version)](const Request&) {
    http::Response response;
    response.body = document;
    return response;
  };
  std::vector<http::Route> routes;
  for (const auto& call : table) routes.push_back(routeOf(call));
  return routes;
}

}  // namespace vx11::api

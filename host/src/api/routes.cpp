#include "api/routes.hpp"

#include "api/agents.hpp"
#include "api/backup.hpp"
#include "api/cancel.hpp"
#include "api/metrics.hpp"
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

std::vector<http::Route> routes(const Services& s) {
  return {
      {"GET", "/health", Access::kOpen, Body::kNone, [&s](const Request& r) { return health(s, r); }},
      {"GET", "/metrics", s.open_metrics ? Access::kOpen : Access::kToken, Body::kNone,
       [&s](const Request& r) { return metrics(s, r); }},
      {"GET", "/vx11/status", Access::kToken, Body::kNone, [&s](const Request& r) { return status(s, r); }},
      {"POST", "/vx11/window/open", Access::kToken, Body::kRequired,
       [&s](const Request& r) { return openWindow(s, r); }},
      {"POST", "/vx11/window/close", Access::kToken, Body::kRequired,
       [&s](const Request& r) { return closeWindow(s, r); }},
      {"GET", "/vx11/window/status/{target}", Access::kToken, Body::kNone,
       [&s](const Request& r) { return windowStatus(s, r); }},
      {"POST", "/vx11/spawn", Access::kToken, Body::kRequired,
       [&s](const Request& r) { return spawn(s, r); }},
      {"GET", "/vx11/spawns", Access::kToken, Body::kNone,
       [&s](const Request& r) { return listSpawns(s, r); }},
      {"POST", "/vx11/spawns/batch", Access::kToken, Body::kRequired,
       [&s](const Request& r) { return spawnBatch(s, r); }},
      {"POST", "/vx11/spawns/{id}/cancel", Access::kToken, Body::kOptional,
       [&s](const Request& r) { return cancel(s, r); }},
      {"GET", "/vx11/spawns/{id}/stdout", Access::kToken, Body::kNone,
       [&s](const Request& r) { return output(s, r, tasks::Stream::kOut); }},
      {"GET", "/vx11/spawns/{id}/stderr", Access::kToken, Body::kNone,
       [&s](const Request& r) { return output(s, r, tasks::Stream::kErr); }},
      {"GET", "/vx11/spawns/{id}/stream", Access::kToken, Body::kNone,
       [&s](const Request& r) { return stream(s, r); }},
      {"GET", "/vx11/spawns/{id}/events", Access::kToken, Body::kNone,
       [&s](const Request& r) { return spawnEvents(s, r); }},
      {"GET", "/vx11/trace/{id}", Access::kToken, Body::kNone,
       [&s](const Request& r) { return trace(s, r); }},
      {"GET", "/vx11/agents", Access::kToken, Body::kNone, [&s](const Request& r) { return agents(s, r); }},
      {"GET", "/vx11/result/{id}", Access::kToken, Body::kNone,
       [&s](const Request& r) { return result(s, r); }},
      {"GET", "/vx11/plugins", Access::kToken, Body::kNone,
       [&s](const Request& r) { return listPlugins(s, r); }},
      {"POST", "/vx11/backups", Access::kToken, Body::kOptional,
       [&s](const Request& r) { return makeBackup(s, r); }},
      {"GET", "/vx11/db/summary", Access::kToken, Body::kNone,
       [&s](const Request& r) { return summary(s, r); }},
  };
}

}  // namespace vx11::api

// Many clients at once, and crowds that only wait.
#pragma once

#include <cstdint>
#include <string>

namespace vx11::bench {

struct Door {
  uint16_t port = 0;
  std::string token;
};

// Tasks finished per second: `clients` connections that post `count` tasks in all with ?wait=10, each checked
// to be DONE.
double finishedRate(const Door& door, int count, int clients);

// Tasks accepted per second, without waiting for any.
double acceptedRate(const Door& door, int count, int clients);

struct Crowd {
  double health_alone_ms = 0;  // median of GET /health with nobody else there
  double health_ms = 0;        // with the crowd
  double megabytes = 0;        // that the crowd cost
};
// `waiters` clients in ?wait=60 and `idle` keep-alive connections.
Crowd crowdCost(const Door& door, int pid, int waiters, int idle);

}  // namespace vx11::bench

// How late a written line is where somebody reads along, and what readers and the client cost others.
#pragma once

#include <vector>

#include "daemon.hpp"

namespace vx11::bench {

// Milliseconds from the moment before a line is written to the moment after it was read, one line each 5 ms:
// over the stream of a task, and over a pipe from a child of this process.
std::vector<double> streamLateness(const test::Daemon& daemon, int lines);
std::vector<double> pipeLateness(int lines);

struct ReadersCost {
  double alone_ms = 0;  // median of POST /vx11/spawn with nobody else there
  double beside_ms = 0;
};
// `readers` streams of one task that writes a line each 50 ms, and `idle` keep-alive connections.
ReadersCost readersCost(const test::Daemon& daemon, int readers, int idle);

struct ClientCost {
  double curl_ms = 0;  // median of curl with POST /vx11/spawn?wait=10 of `true`, from its start to its end
  double vx11_ms = 0;  // the same of vx11 run
};
ClientCost clientCost(const test::Daemon& daemon, int rounds);

}  // namespace vx11::bench

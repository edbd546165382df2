// Writes down what the client reports, for the test to wait for.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "spawner_client/client.hpp"

namespace vx11::spawner_client {

class RecordingListener : public Listener {
 public:
  // Called within onConnected, after it is written down.
  std::function<void()> when_connected;

  void onConnected(const Welcome& welcome) override;
  void onDisconnected(const std::string& reason) override;
  void onStarted(const Started& started) override;
  void onFinished(Finished finished) override;
  void onRefused(const Refused& refused) override;
  void onGrown(const Grown& grown) override;

  // "connected instance-1", "started n1", "finished n1", "refused n1: why", "grown n1: 3 0", "disconnected:
  // why": once there are at least `count` of them, or what there is at the deadline.
  std::vector<std::string> events(size_t count = 0);

  // Of the last calls.
  Welcome welcome();
  Finished finished();
  Refused refused();

 private:
  void record(std::string event);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
  Welcome welcome_;
  Finished finished_;
  Refused refused_;
};

}  // namespace vx11::spawner_client

// The whole spawner: sockets, signals, daughters, and when to end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "spawner/daughters/daughters.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/host_connection.hpp"
#include "spawner/listener.hpp"
#include "spawner/log_file.hpp"
#include "spawner/options.hpp"

namespace vx11::spawner {

class Server : private Reporter {
 public:
  // Listens when this returns. SIGCHLD, SIGTERM and SIGINT must be blocked. Throws CannotStart.
  Server(const Options& options, rlimit daughters_files, LogFile& log);

  // Until it is told to stop or has been idle for long enough.
  void run();

 private:
  bool connected() const override { return synced_; }
  void report(Message message) override;
  bool ready() const override;

  void onSignal();
  void watchListener();
  void watchListenerAgain();
  void onAccept();
  void admit(Peer peer);
  void onMessage(Message message);
  void onHello(const Hello& hello);
  void onClosed(const std::string& reason);
  void stop(const char* why);
  bool finishedStopping();
  void considerIdleness();

  Options options_;
  LogFile& log_;
  std::string instance_;
  EventLoop loop_;
  Listener listener_;
  Daughters daughters_;
  UniqueFd signals_;
  Watch signals_watch_;
  Watch listener_watch_;
  std::unique_ptr<HostConnection> host_;
  std::unique_ptr<HostConnection> former_host_;  // closed; destroyed after the turn
  bool synced_ = false;                          // the host has been told everything, from now on only news
  Timer accept_timer_;
  Timer hello_timer_;
  Timer idle_timer_;
  Timer stop_timer_;
  bool stopping_ = false;
  bool ended_ = false;
};

}  // namespace vx11::spawner

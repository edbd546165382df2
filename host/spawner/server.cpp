#include "spawner/server.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/fault_point.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAcceptPause{100};
constexpr milliseconds kHelloLimit{5000};
constexpr milliseconds kLongestStopGrace{3000};  // leaves time for the killing within kStopLimit
constexpr milliseconds kStopLimit{4500};         // "within five seconds", seen from outside

UniqueFd openSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw CannotStart("signalfd: " + errnoText(errno));
  return fd;
}

}  // namespace

Server::Server(const Options& options, rlimit daughters_files, LogFile& log)
    : options_(options),
      log_(log),
      instance_(newUuid()),
      listener_(options.socket, options.host_uid),
      daughters_(loop_, options, daughters_files, *this),
      signals_(openSignals()),
      signals_watch_(loop_, signals_.get(), EPOLLIN, [this](uint32_t) { onSignal(); }),
      accept_timer_(loop_, [this] { watchListenerAgain(); }),
      hello_timer_(loop_,
                   [this] {
                     if (host_) host_->fault("no Hello within 5 s");
                   }),
      idle_timer_(loop_,
                  [this] {
                    log::info("spawner.idle", {{"seconds", options_.idle_exit.count()}});
                    ended_ = true;
                  }),
      stop_timer_(loop_, [this] {
        log::error("spawner.gave_up", {{"daughters", daughters_.count()}});
        daughters_.giveUp();
        ended_ = true;
      }) {
  watchListener();
}

void Server::run() {
  log::info("spawner.started", {{"pid", getpid()},
                                {"instance", instance_},
                                {"isolation", daughters_.isolation()},
                                {"tree_kill", daughters_.treeKill()},
                                {"socket", options_.socket},
                                {"unacknowledged", daughters_.unacknowledged().size()}});
  while (!ended_) {
    considerIdleness();
    loop_.turn();
    daughters_.bury();
    former_host_.reset();
    log_.rotate();
    if (stopping_ && finishedStopping()) ended_ = true;
  }
  daughters_.sync();
  log::info("spawner.ended", {{"pid", getpid()}, {"unacknowledged", daughters_.unacknowledged().size()}});
}

void Server::considerIdleness() {
  const bool idle = !host_ && !stopping_ && daughters_.idle() && options_.idle_exit.count() > 0;
  if (!idle)
    idle_timer_.disarm();
  else if (!idle_timer_.armed())
    idle_timer_.arm(monoNow() + options_.idle_exit);
}

bool Server::finishedStopping() {
  if (!daughters_.allReported() || (daughters_.count() == 0 && !daughters_.idle())) return false;
  // Each start that the host has sent is refused; one that it sends from now on fails there. So it knows of
  // every start that it was not made, and may make it elsewhere.
  if (host_) host_->stopReading();
  return !host_ || host_->outboxEmpty();
}

void Server::onSignal() {
  signalfd_siginfo signal{};
  bool children = false;
  while (read(signals_.get(), &signal, sizeof signal) == ssize_t{sizeof signal}) {
    if (signal.ssi_signo == SIGCHLD)
      children = true;
    else
      stop(signal.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
  }
  if (children) daughters_.reap();
}

void Server::stop(const char* why) {
  log::info("spawner.stopping", {{"signal", why}, {"daughters", daughters_.count()}});
  if (!stopping_) stop_timer_.arm(monoNow() + kStopLimit);
  stopping_ = true;
  daughters_.stopAll(std::min(options_.kill_grace, kLongestStopGrace));
}

void Server::watchListener() {
  listener_watch_ = Watch(loop_, listener_.descriptor(), EPOLLIN, [this](uint32_t) { onAccept(); });
}

void Server::watchListenerAgain() {
  try {
    watchListener();
  } catch (const CannotLaunch&) {
    accept_timer_.arm(monoNow() + kAcceptPause);
  }
}

void Server::onAccept() {
  try {
    auto peer = listener_.accept();
    if (peer) admit(std::move(*peer));
  } catch (const CannotLaunch& error) {
    // Still waiting to be accepted, it would wake us again at once.
    log::warning("host.refused", {{"reason", error.what()}});
    listener_watch_.reset();
    accept_timer_.arm(monoNow() + kAcceptPause);
  }
}

void Server::admit(Peer peer) {
  if (!listener_.mayConnect(peer.uid)) {
    log::warning("host.refused", {{"pid", peer.pid}, {"uid", peer.uid}});
    HostConnection(loop_, std::move(peer), {})
        .fault("user " + std::to_string(peer.uid) + " may not connect here");
    return;
  }
  // A host that restarts fast connects while the end of the old one is still unread.
  if (host_) host_->drain();
  if (host_) {
    const std::string reason = "another vx11d (pid " + std::to_string(host_->pid()) + ") is connected";
    log::warning("host.refused", {{"pid", peer.pid}, {"reason", reason}});
    HostConnection(loop_, std::move(peer), {}).fault(reason);
    return;
  }
  host_ = std::make_unique<HostConnection>(
      loop_, std::move(peer),
      HostConnection::Handlers{[this](Message message) { onMessage(std::move(message)); },
                               [this](const std::string& reason) { onClosed(reason); }});
  hello_timer_.arm(monoNow() + kHelloLimit);
}

bool Server::ready() const {
  return synced_ && host_ && host_->outboxEmpty();
}

void Server::onClosed(const std::string& reason) {
  log::info("host.disconnected", {{"pid", host_->pid()}, {"reason", reason}});
  synced_ = false;
  hello_timer_.disarm();
  daughters_.followNone();
  // Records written while the host was there were left to its commits.
  if (!daughters_.unacknowledged().empty()) daughters_.sync();
  former_host_ = std::move(host_);
}

void Server::report(Message message) {
  if (synced_ && host_) host_->send(std::move(message));
}

void Server::onMessage(Message message) {
  if (const auto* hello = std::get_if<Hello>(&message); hello != nullptr && !synced_) return onHello(*hello);
  if (!synced_) throw ProtocolError("the first message must be Hello");
  if (auto* start = std::get_if<Start>(&message)) return daughters_.start(std::move(*start));
  if (const auto* kill = std::get_if<Kill>(&message)) return daughters_.kill(*kill);
  if (const auto* done = std::get_if<Acknowledge>(&message)) return daughters_.acknowledge(*done);
  if (const auto* follow = std::get_if<Follow>(&message)) return daughters_.follow(*follow);
  if (const auto* fault = std::get_if<Fault>(&message)) {
    log::warning("host.fault", {{"reason", fault->reason}});
    return;
  }
  throw ProtocolError("a message that only the spawner sends");
}

void Server::onHello(const Hello& hello) {
  const auto ours = spokenVersions();
  const auto version = std::min(hello.newest, ours.newest);
  if (version < std::max(hello.oldest, ours.oldest)) {
    throw ProtocolError("this spawner speaks protocol versions " + std::to_string(ours.oldest) + " to " +
                        std::to_string(ours.newest));
  }
  hello_timer_.disarm();
  log::info("host.connected", {{"pid", host_->pid()}, {"version", version}});
  Welcome welcome;
  welcome.version = version;
  welcome.instance = instance_;
  welcome.pid = getpid();
  welcome.isolation = daughters_.isolation();
  welcome.tree_kill = daughters_.treeKill();
  // Sending may find out that the connection is broken, and then there is no host any more.
  const auto say = [this](Message message) {
    if (host_) host_->send(std::move(message));
  };
  say(std::move(welcome));
  VX11_FAULT_POINT("spawner.hello.welcomed");
  for (auto& started : daughters_.running()) say(std::move(started));
  for (const auto& [nonce, finished] : daughters_.unacknowledged()) say(finished);
  say(Synced{});
  VX11_FAULT_POINT("spawner.hello.synced");
  synced_ = host_ != nullptr;
}

}  // namespace vx11::spawner

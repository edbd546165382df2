#include "spawner_client/client.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "spawner/launch.hpp"
#include "spawner_client/connection.hpp"
#include "spawner_client/convert.hpp"
#include "spawner_client/handshake.hpp"
#include "spawner_client/outbox.hpp"

namespace vx11::spawner_client {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{20};
constexpr milliseconds kLongestPause{1000};
// A connection that lived this long was a good one: the next pause is short again.
constexpr milliseconds kGoodConnection{1000};
// A spawner may be stopped or its machine busy, but it must not hold up the host's start for ever.
constexpr milliseconds kHandshakeDeadline{10'000};
// How long start() gives an obstacle that may be gone soon, such as the connection of a host that was just
// killed.
constexpr milliseconds kStartPatience{2000};
// A spawner is gone 5 s after it was told to stop.
constexpr milliseconds kLastWords{6000};
// How long what can wait does so.
constexpr milliseconds kLater{50};
// Of the protocol, that brought Follow and Grown.
constexpr uint16_t kFollowVersion = 2;
// That brought limits and secrets of tasks.
constexpr uint16_t kLimitsVersion = 2;
// Events taken in one go before waiting packets are sent again.
constexpr int kEventsInOneGo = 64;

}  // namespace

class Client::Impl {
 public:
  Impl(Options options, Listener& listener) : options_(std::move(options)), listener_(listener) {}
  ~Impl() { stop(); }

  void start() {
    {
      const std::lock_guard lock(join_mutex_);
      thread_ = std::thread([this] { run(); });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return start_ended_; });
    const auto refusal = start_failure_;
    lock.unlock();
    if (!refusal) return;
    stop();
    std::rethrow_exception(refusal);
  }

  void stop() {
    stopping_ = true;
    stop_.signal();
    // A start() that fails and a stop() meanwhile may both come here.
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

  bool connected() const { return outbox_.isOpen(); }

  std::string lastError() const {
    const std::lock_guard lock(mutex_);
    return last_error_;
  }

  std::function<bool(uint64_t)> prepare(const StartRequest& request) {
    const auto refusal = [&](bool transient, std::string reason) {
      return [this, refused = Refused{request.nonce, request.spawn_uuid, transient, std::move(reason)}](
                 uint64_t connection) { return outbox_.sendBack(refused, connection); };
    };
    if (request.plan.files.size() > spawner::kMaxFiles) {
      return refusal(false, "A task may bring at most " + std::to_string(spawner::kMaxFiles) + " files.");
    }
    // It would pass over what it does not know.
    if (version_ < kLimitsVersion && (request.plan.limits != PlanLimits{} || !request.secret_env.empty()))
      return refusal(true, "the spawner is of an older release and knows no limits and secrets of tasks");
    try {
      // Shared because a std::function must be copyable.
      const auto packet = std::make_shared<spawner::Packet>(spawner::encode(toFrame(request)));
      return [this, packet](uint64_t connection) { return outbox_.send(std::move(*packet), connection); };
    } catch (const spawner::ProtocolError& e) {
      // No descriptor or no memory for the contents: both come back when other tasks end.
      return refusal(true, e.what());
    }
  }

  bool kill(const std::string& nonce, const std::string& reason) {
    return outbox_.send(spawner::encode(spawner::Kill{nonce, reason}));
  }

  bool follow(const std::string& nonce, bool on) {
    return version_ >= kFollowVersion && outbox_.send(spawner::encode(spawner::Follow{nonce, on}));
  }

  bool acknowledge(const std::string& nonce) {
    return outbox_.sendLater(spawner::encode(spawner::Acknowledge{nonce}));
  }

 private:
  void run() {
    auto pause = kFirstPause;
    const MonoTime patience_ends = monoNow() + kStartPatience;
    while (!stopping_) {
      const MonoTime tried = monoNow();
      try {
        const MonoTime began = serveOneConnection();
        if (monoNow() - began >= kGoodConnection) pause = kFirstPause;
      } catch (const ConnectError& e) {
        if (stopping_) break;
        if (remember(e.what())) log::warning("spawner.unreachable", {{"reason", e.what()}});
        const bool hopeless = e.obstacle() == Obstacle::kLasting || tried >= patience_ends;
        if (hopeless && !everConnected()) {
          endStart(std::make_exception_ptr(Error(ErrorCode::kConfiguration, e.what())));
          return;
        }
      }
      pauseUnlessStopped(pause);
      pause = std::min(pause * 2, kLongestPause);
    }
    endStart(std::make_exception_ptr(
        Error(ErrorCode::kUnavailable, "The connection to the spawner was stopped before it came up.")));
  }

  // Returns when the connection had begun, once it is over.
  MonoTime serveOneConnection() {
    Welcome welcome;
    const UniqueFd socket = connect(welcome);
    const MonoTime began = monoNow();
    remember({});
    log::info("spawner.connected", {{"spawner_pid", welcome.pid},
                                    {"instance", welcome.instance},
                                    {"isolation", welcome.isolation},
                                    {"running", welcome.running.size()},
                                    {"tree_kill", welcome.tree_kill},
                                    {"finished", welcome.finished.size()}});
    if (welcome.isolation == "same-user") {
      log::warning("daughters.not_isolated",
                   {{"reason",
                     "they run as the spawner's own user, who may read the token and the database; "
                     "start vx11d as root (process.user) to give each a user id of its own"}});
    }
    // Open before onConnected, so that the listener can send from within it.
    version_ = welcome.version;
    welcome.connection = outbox_.open(socket.get());
    listener_.onConnected(welcome);
    endStart(nullptr);
    const std::string reason = exchange(socket.get());
    if (!stopping_) remember(reason);
    const bool may_speak = !outbox_.fault().empty();
    outbox_.close();
    if (stopping_) return began;
    log::warning("spawner.disconnected", {{"spawner_pid", welcome.pid}, {"reason", reason}});
    listener_.onDisconnected(reason);
    if (may_speak) hearOut(socket.get());
    return began;
  }

  UniqueFd connect(Welcome& welcome) {
    try {
      return connectOnce(welcome);
    } catch (const ConnectError& e) {
      if (e.obstacle() != Obstacle::kNobody || options_.binary.empty()) throw;
    }
    launch();
    return connectOnce(welcome);
  }

  UniqueFd connectOnce(Welcome& welcome) {
    UniqueFd socket = connectTo(options_.socket);
    welcome = shakeHands(socket.get(), options_.socket, kHandshakeDeadline, stop_);
    return socket;
  }

  void launch() {
    auto options = options_;
    options.cancel_fd = stop_.get();
    if (const auto refusal = spawner::startSpawner(options)) throw ConnectError(Obstacle::kLasting, *refusal);
    log::info("spawner.launched",
              {{"binary", options_.binary.string()}, {"socket", options_.socket.string()}});
  }

  // Serves the connection until it breaks or the client stops; returns why it broke.
  std::string exchange(int socket) {
    bool lively = true;
    while (!stopping_) {
      const short writable = outbox_.waiting() ? POLLOUT : 0;
      std::array<pollfd, 3> fds{pollfd{socket, static_cast<short>(POLLIN | writable), 0},
                                pollfd{wake_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
      const auto patience = outbox_.sleeping(lively) ? static_cast<int>(kLater.count()) : -1;
      const int ready = poll(fds.data(), fds.size(), patience);
      if (ready < 0) continue;
      lively = ready > 0;
      if (fds[1].revents != 0) wake_.clear();
      for (const Refused& refused : outbox_.takeSentBack()) listener_.onRefused(refused);
      // What can wait goes with the next start, or when there is none for a while.
      if (writable != 0 || fds[1].revents != 0 || !lively) outbox_.flush();
      const std::string fault = outbox_.fault();
      // What the spawner said before the fault still counts, so all of it is read.
      const int limit = fault.empty() ? kEventsInOneGo : std::numeric_limits<int>::max();
      if (auto reason = deliver(socket, limit)) return *reason;
      if (!fault.empty()) return fault;
    }
    outbox_.flush();
    return {};
  }

  // A spawner that stops reads no more, but says of every start that still reached it that it was not made.
  void hearOut(int socket) {
    const MonoTime end = monoNow() + kLastWords;
    for (MonoTime now = monoNow(); now < end && !stopping_; now = monoNow()) {
      if (deliver(socket, std::numeric_limits<int>::max())) return;
      std::array<pollfd, 2> fds{pollfd{socket, POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
      const auto left = std::chrono::ceil<milliseconds>(end - now);
      poll(fds.data(), fds.size(), static_cast<int>(left.count()));
    }
  }

  // Hands over what has arrived, at most `limit` events. A reason when the connection is over.
  std::optional<std::string> deliver(int socket, int limit) {
    try {
      for (int i = 0; i < limit && !stopping_; ++i) {
        auto packet = spawner::receivePacket(socket);
        if (!packet) return std::nullopt;
        if (packet->bytes.empty()) return "The spawner closed the connection.";
        const auto reason = std::visit([this](auto&& frame) { return hand(std::move(frame)); },
                                       spawner::decode(std::move(*packet)));
        if (reason) return reason;
      }
      return std::nullopt;
    } catch (const spawner::ProtocolError& e) {
      const std::string reason = std::string("The connection to the spawner broke: ") + e.what();
      // For the spawner's log. Where the connection is gone this goes nowhere.
      outbox_.send(spawner::encode(spawner::Fault{reason}));
      return reason;
    }
  }

  std::optional<std::string> hand(spawner::Started frame) {
    listener_.onStarted(fromFrame(std::move(frame)));
    return std::nullopt;
  }
  std::optional<std::string> hand(spawner::Refused frame) {
    listener_.onRefused(fromFrame(std::move(frame)));
    return std::nullopt;
  }
  std::optional<std::string> hand(spawner::Finished frame) {
    listener_.onFinished(fromFrame(std::move(frame)));
    return std::nullopt;
  }
  std::optional<std::string> hand(spawner::Grown frame) {
    listener_.onGrown({std::move(frame.nonce), frame.out_bytes, frame.err_bytes});
    return std::nullopt;
  }
  std::optional<std::string> hand(const spawner::Fault& frame) {
    return "The spawner ended the connection: " + frame.reason;
  }
  template <class Other>
  std::optional<std::string> hand(const Other&) {
    throw spawner::ProtocolError("a message out of turn");
  }

  void pauseUnlessStopped(milliseconds pause) const {
    pollfd stop{stop_.get(), POLLIN, 0};
    poll(&stop, 1, static_cast<int>(pause.count()));
  }

  // False where the same is known already: each new reason is logged once, not at each try.
  bool remember(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    return std::exchange(last_error_, reason) != reason;
  }

  bool everConnected() const {
    const std::lock_guard lock(mutex_);
    return start_ended_;
  }

  // Only the first call counts: how start() went.
  void endStart(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (start_ended_) return;
    start_ended_ = true;
    start_failure_ = std::move(failure);
    changed_.notify_all();
  }

  const Options options_;
  Listener& listener_;
  EventFd wake_;  // the outbox has something to do
  EventFd stop_;  // stays readable from stop() on
  std::atomic<bool> stopping_{false};
  std::atomic<uint16_t> version_{0};  // of the protocol, on this connection
  Outbox outbox_{wake_};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool start_ended_ = false;
  std::exception_ptr start_failure_;
  std::string last_error_ = "The connection to the spawner has not been started.";

  std::mutex join_mutex_;
  std::thread thread_;
};

Client::Client(Options options, Listener& listener)
    : impl_(std::make_unique<Impl>(std::move(options), listener)) {}
Client::~Client() = default;

void Client::start() {
  impl_->start();
}
void Client::stop() {
  impl_->stop();
}
bool Client::connected() const {
  return impl_->connected();
}
std::string Client::lastError() const {
  return impl_->lastError();
}
std::function<bool(uint64_t)> Client::prepare(const StartRequest& request) {
  return impl_->prepare(request);
}
bool Client::kill(const std::string& nonce, const std::string& reason) {
  return impl_->kill(nonce, reason);
}
bool Client::follow(const std::string& nonce, bool on) {
  return impl_->follow(nonce, on);
}
bool Client::acknowledge(const std::string& nonce) {
  return impl_->acknowledge(nonce);
}

}  // namespace vx11::spawner_client

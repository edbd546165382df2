#include "daemon.hpp"

#include "api/routes.hpp"
#include "base/log.hpp"
#include "spawner_options.hpp"
#include "state_directory.hpp"

namespace vx11 {

namespace {

constexpr std::chrono::seconds kStopDeadline{5};

store::Database::Options databaseOptions(const StateDirectory& state) {
  store::Database::Options options;
  options.file = state.database();
  return options;
}

tasks::Limits limitsOf(const config::Tasks& tasks) {
  tasks::Limits limits;
  limits.max_running = tasks.max_running;
  limits.max_running_of = tasks.max_running_of;
  limits.max_queued = tasks.max_queued;
  limits.queue_ttl = tasks.queue_ttl;
  limits.kill_grace = tasks.kill_grace;
  limits.retry_delay = tasks.retry_delay;
  limits.inline_output_bytes = tasks.inline_output_bytes;
  return limits;
}

http::ServerOptions serverOptions(const config::Config& config, policy::Tokens& tokens) {
  http::ServerOptions options;
  options.host = config.http.host;
  options.port = config.http.port;
  options.max_body_bytes = config.http.max_body_bytes;
  options.max_connections = config.http.max_connections;
  options.allowed_hosts = config.http.allowed_hosts;
  options.check_token = [&tokens, required = config.auth.required](std::string_view presented) {
    if (!required) return http::Credential::kAccepted;
    if (presented.empty()) return http::Credential::kAbsent;
    return tokens.match(presented) ? http::Credential::kAccepted : http::Credential::kWrong;
  };
  return options;
}

api::Services servicesOf(const config::Config& config, tasks::Engine& engine,
                         tasks::IdempotencyKeys& idempotency, policy::Windows& windows,
                         const plugins::Registry& plugins, store::Database& database) {
  api::Services services{.engine = engine,
                         .idempotency = idempotency,
                         .windows = windows,
                         .plugins = plugins,
                         .database = database};
  services.unknown_fields =
      config.http.refuse_unknown_fields ? json::UnknownFields::kRefuse : json::UnknownFields::kIgnore;
  services.denied_http_status = config.policy.denied_http_status;
  services.open_metrics = config.auth.open_metrics;
  services.version = VX11_VERSION;
  return services;
}

}  // namespace

Daemon::Daemon(config::Config config)
    : config_(std::move(config)),
      state_(std::make_unique<StateDirectory>(config_.state_directory)),
      tokens_(config_.auth.token_file),
      database_(databaseOptions(*state_)),
      planner_(plugins_, config_.interpreter_programs),
      engine_(database_, planner_, limitsOf(config_.tasks), state_->hostId()),
      idempotency_(database_),
      spawner_(spawnerOptions(config_, *state_), engine_),
      executor_(spawner_, state_->spool()),
      windows_(database_, config_.policy.standing_windows,
               [this](const std::string& target) { onWindowClosed(target); }),
      retention_(database_, state_->spool(), config_.tasks.kept),
      services_(servicesOf(config_, engine_, idempotency_, windows_, plugins_, database_)) {
  plugins_.load(config_.plugin_path);
  // The port first: one that is taken must not leave a spawner behind.
  server_ =
      std::make_unique<http::Server>(serverOptions(config_, tokens_), http::Router(api::routes(services_)));
  services_.address = address();
  services_.server = server_.get();
  services_.database_file = state_->database();
  engine_.recover();
  // A window that ran out while nobody was here had nothing to close yet.
  if (!windows_.isOpen("spawner")) onWindowClosed("spawner");
  engine_.start(executor_);
  spawner_.start();
  retention_.start();
}

Daemon::~Daemon() {
  shutDown();
}

std::string Daemon::address() const {
  const auto& host = config_.http.host;
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return "http://" + (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(server_->port());
}

void Daemon::onWindowClosed(const std::string& target) {
  if (target != "spawner" || !config_.policy.kill_on_close) return;
  engine_.cancelAll("the spawner window closed (policy.on_close = kill)");
}

void Daemon::serve() {
  server_->start();
  state_->tellDoor(address(), config_.auth.token_file);
  log::info("host.ready",
            {{"address", address()}, {"state", state_->path().string()}, {"version", VX11_VERSION}});
}

void Daemon::shutDown() {
  if (!server_) return;
  engine_.drain();
  server_->stop(kStopDeadline);
  retention_.stop();
  engine_.stop();
  spawner_.stop();
  // Commits that are still queued report to the engine and acknowledge to the spawner: both go before the
  // database.
  database_.flush();
  plugins_.stop();
  server_.reset();
}

}  // namespace vx11

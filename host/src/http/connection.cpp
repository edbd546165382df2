#include "http/connection.hpp"

#include <string>

#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponseImpl.h>
#include <Poco/String.h>

#include "base/id.hpp"
#include "http/access.hpp"
#include "http/error_response.hpp"
#include "http/guard.hpp"
#include "http/target.hpp"
#include "http/wire.hpp"

namespace vx11::http {

namespace {

[[noreturn]] void refuseHead(ClientSocketImpl::Head state) {
  using Head = ClientSocketImpl::Head;
  switch (state) {
    case Head::kLate:
      throw Error(ErrorCode::kRequestTimeout, "the request's head did not arrive in time");
    case Head::kTooLarge:
      throw Error(ErrorCode::kHeadersTooLarge,
                  "the request's head has more than " + std::to_string(kMaxHeadBytes) + " bytes");
    case Head::kTargetTooLong:
      throw Error(ErrorCode::kUriTooLong,
                  "the request target has more than " + std::to_string(kMaxTargetBytes) + " bytes");
    case Head::kCut:
      throw Error(ErrorCode::kMalformedRequest, "the connection ended within the request's head");
    case Head::kNotHttp:
    case Head::kComplete:
    case Head::kClosed:
      break;
  }
  throw Error(ErrorCode::kMalformedRequest, "this is not HTTP: the lines of a request end with CR LF",
              "use http://, not https://");
}

// "application/json", with no parameter but the charset that JSON has anyway.
bool isJson(const std::string& content_type) {
  const size_t semicolon = content_type.find(';');
  if (Poco::icompare(Poco::trim(content_type.substr(0, semicolon)), "application/json") != 0) return false;
  if (semicolon == std::string::npos) return true;
  const auto parameter = Poco::toLower(Poco::trim(content_type.substr(semicolon + 1)));
  return parameter.empty() || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"";
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

class SocketOutlet final : public Outlet {
 public:
  SocketOutlet(ClientSocketImpl& client, std::chrono::milliseconds timeout)
      : client_(client), timeout_(timeout) {}
  bool send(std::string_view bytes) override { return client_.send(bytes, {}, timeout_); }
  bool open() const override { return client_.open(); }

 private:
  ClientSocketImpl& client_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace

struct Connection::Exchange {
  Shape shape;
  Request request;
  bool keep_alive = false;  // until the shape is known, the end of the request is not
};

Connection::Connection(const Poco::Net::StreamSocket& socket, Door& door)
    : TCPServerConnection(socket),
      door_(door),
      client_(static_cast<ClientSocketImpl&>(*this->socket().impl())) {}

void Connection::run() {
  Poco::Net::HTTPServerSession session(socket(), door_.params);
  while (serve(session)) {
  }
}

bool Connection::serve(Poco::Net::HTTPServerSession& session) noexcept {
  const auto& options = door_.options;
  try {
    const auto state = client_.readHead(options.keep_alive_timeout, options.request_deadline);
    if (state == ClientSocketImpl::Head::kClosed) return false;
    Exchange exchange;
    Response response;
    try {
      response = answer(session, state, exchange);
    } catch (...) {
      response =
          errorResponse(std::current_exception(), exchange.request.path, exchange.request.correlation_id);
    }
    // The one place that decides: bytes of a body that nobody read would be taken for the next request.
    const bool unread = client_.unreadBody() > 0;
    const bool keep_alive = exchange.keep_alive && !unread && !door_.stopping && !response.stream;
    ++door_.answered.at(static_cast<size_t>(response.status));
    const auto head = renderHead(response, exchange.request.correlation_id, keep_alive);
    const bool has_body = exchange.shape.method != "HEAD" && mayHaveBody(response.status);
    bool sent = client_.send(head, has_body ? response.body : std::string_view(), options.request_deadline);
    if (sent && has_body && response.file) sent = client_.sendFile(*response.file, options.request_deadline);
    if (sent && keep_alive) return true;
    if (sent && has_body && response.stream) {
      SocketOutlet outlet(client_, options.request_deadline);
      response.stream(outlet);
      return false;
    }
    if (sent && (unread || !exchange.keep_alive)) client_.finish();
    return false;
  } catch (...) {
    // Only memory for the answer itself can be missing here.
    return false;
  }
}

Response Connection::answer(Poco::Net::HTTPServerSession& session, ClientSocketImpl::Head state,
                            Exchange& exchange) {
  auto& request = exchange.request;
  request.correlation_id = newUuid();
  if (state != ClientSocketImpl::Head::kComplete) refuseHead(state);
  // First, so that a refusal of the rest has it too.
  const auto given = correlationIdIn(client_.head());
  request.correlation_id_given = isCorrelationId(given);
  if (request.correlation_id_given) request.correlation_id = given;
  exchange.shape = checkHead(client_.head());
  client_.expectBody(exchange.shape.content_length.value_or(0));
  parse(session, exchange);
  exchange.keep_alive = exchange.shape.keep_alive;

  auto match = door_.router.match(request.method, request.path);
  if (match.route == nullptr || match.route->access != Access::kOpen) checkToken(request);
  checkHostAndOrigin(request, door_.options.allowed_hosts);
  if (!request.correlation_id_given && request.header("x-correlation-id") != nullptr) {
    throw Error(
        ErrorCode::kInvalidField, "X-Correlation-Id cannot be accepted",
        std::vector<FieldError>{{"X-Correlation-Id", "must have 1 to 128 characters of [A-Za-z0-9._:-]"}});
  }
  if (match.route == nullptr) {
    if (match.allowed.empty()) throw Error(ErrorCode::kNotFound, "there is nothing at " + request.path);
    const auto allowed = joined(match.allowed);
    const Error error(ErrorCode::kMethodNotAllowed, request.method + " is not served here", "use " + allowed);
    auto response = errorResponse(error, request.path, request.correlation_id);
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  request.path_ids = std::move(match.path_ids);
  readBody(*match.route, exchange);
  return match.route->handler(request);
}

void Connection::parse(Poco::Net::HTTPServerSession& session, Exchange& exchange) {
  auto& request = exchange.request;
  try {
    Poco::Net::HTTPServerResponseImpl unused(session);
    Poco::Net::HTTPServerRequestImpl parsed(unused, session, door_.params);
    request.method = parsed.getMethod();
    for (const auto& [name, value] : parsed) {
      auto [entry, added] = request.headers.try_emplace(Poco::toLower(name), value);
      if (!added) entry->second += ", " + value;
    }
  } catch (const Poco::Exception& e) {
    throw Error(ErrorCode::kMalformedRequest, "the request's head cannot be read: " + e.displayText());
  }
  auto target = parseTarget(exchange.shape.method, exchange.shape.target, exchange.shape.host);
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  const auto* const traceparent = request.header("traceparent");
  if (traceparent != nullptr && isTraceparent(*traceparent)) request.traceparent = *traceparent;
}

void Connection::checkToken(const Request& request) const {
  switch (door_.options.check_token(tokenOf(request))) {
    case Credential::kAccepted:
      return;
    case Credential::kAbsent:
      throw Error(ErrorCode::kAuthRequired, "this door needs a token", "add -H \"X-VX11-Token: $TOKEN\"");
    case Credential::kWrong:
      throw Error(ErrorCode::kForbidden, "the token is not the one of this door",
                  "the token is the first line of the file that auth.token_file names");
  }
}

void Connection::readBody(const Route& route, Exchange& exchange) {
  auto& request = exchange.request;
  const auto& length = exchange.shape.content_length;
  if (route.body == Body::kRequired && !length) {
    throw Error(ErrorCode::kLengthRequired, "this call needs a body with a Content-Length");
  }
  if (!length || *length == 0) return;
  if (*length > door_.options.max_body_bytes) {
    throw Error(ErrorCode::kPayloadTooLarge,
                "the body has " + std::to_string(*length) + " bytes; at most " +
                    std::to_string(door_.options.max_body_bytes) + " are taken",
                "http.max_body_bytes in the configuration is the limit");
  }
  const auto* const content_type = request.header("content-type");
  // Browsers send forms to any site without asking, so they are not taken for JSON, whatever they hold.
  if (route.body != Body::kNone && content_type != nullptr && !isJson(*content_type)) {
    throw Error(ErrorCode::kUnsupportedMediaType, "the body must be application/json, not " + *content_type,
                "add -H 'Content-Type: application/json'");
  }
  if (const auto* const coding = request.header("content-encoding");
      coding != nullptr && *coding != "identity") {
    throw Error(ErrorCode::kUnsupportedMediaType,
                "the body must not be encoded: " + *coding + " is not understood here",
                "send it as it is, without the header Content-Encoding");
  }
  if (exchange.shape.expects_continue &&
      !client_.send("HTTP/1.1 100 Continue\r\n\r\n", {}, door_.options.request_deadline)) {
    throw Error(ErrorCode::kMalformedRequest, "the connection ended before the body");
  }
  switch (client_.readBody(request.body)) {
    case ClientSocketImpl::Body::kComplete:
      break;
    case ClientSocketImpl::Body::kCut:
      throw Error(ErrorCode::kMalformedRequest, "the connection ended before the body was complete");
    case ClientSocketImpl::Body::kLate:
      throw Error(ErrorCode::kRequestTimeout, "the body did not arrive in time");
  }
  if (route.body == Body::kNone) request.body.clear();
}

Poco::Net::TCPServerConnection* ConnectionFactory::createConnection(const Poco::Net::StreamSocket& socket) {
  door_.roster.started(static_cast<ClientSocketImpl&>(*socket.impl()));
  return new Connection(socket, door_);
}

}  // namespace vx11::http

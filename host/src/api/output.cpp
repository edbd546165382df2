#include "api/output.hpp"

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "http/error_response.hpp"
#include "http/range.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

tasks::View ended(const Services& services, const http::Request& request) {
  const auto wait = waitOf(request);
  auto view = awaitEnd(services, findSpawn(services, request.path_ids.at("id")), wait);
  if (!view.row.end) {
    throw Error(ErrorCode::kConflict, view.row.name + " has not ended yet, and its output is told at its end",
                "?wait=60 waits for that, at most so many seconds");
  }
  return view;
}

// Of what has ended nothing changes any more, so its name is as good as a hash of it.
std::string tagOf(const tasks::View& view, tasks::Stream stream) {
  return "\"" + view.row.uuid + (stream == tasks::Stream::kOut ? ".stdout\"" : ".stderr\"");
}

std::optional<http::ByteRange> rangeOf(const http::Request& request, const std::string& tag, uint64_t size) {
  const auto* const range = request.header("range");
  const auto* const condition = request.header("if-range");
  if (request.method != "GET" || range == nullptr || (condition != nullptr && *condition != tag))
    return std::nullopt;
  return http::parseRange(*range, size);
}

http::Response refuseRange(const http::Request& request, const std::string& correlation_id, uint64_t size) {
  const Error error(ErrorCode::kRangeNotSatisfiable,
                    "the range begins behind the end: there are " + std::to_string(size) + " bytes");
  auto response = http::errorResponse(error, request.path, correlation_id);
  response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
  return response;
}

}  // namespace

http::Response output(const Services& services, const http::Request& request, tasks::Stream stream) {
  const auto view = ended(services, request);
  auto kept = services.engine.output(view, stream);
  const auto tag = tagOf(view, stream);
  if (const auto* const known = request.header("if-none-match");
      known != nullptr && (*known == tag || *known == "*")) {
    http::Response unchanged;
    unchanged.status = 304;
    unchanged.correlation_id = view.row.correlation_id;
    unchanged.headers = {{"ETag", tag}};
    return unchanged;
  }
  const auto range = rangeOf(request, tag, kept.size);
  if (range && range->length == 0) return refuseRange(request, view.row.correlation_id, kept.size);
  const auto part = range.value_or(http::ByteRange{0, kept.size});

  http::Response response;
  response.content_type = "application/octet-stream";
  response.correlation_id = view.row.correlation_id;
  response.headers = {{"Accept-Ranges", "bytes"},
                      {"ETag", tag},
                      // More than there is where a limit cut it.
                      {"X-VX11-Bytes-Written", std::to_string(kept.written)}};
  if (range) {
    response.status = 206;
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(part.first) + "-" +
                                                       std::to_string(part.first + part.length - 1) + "/" +
                                                       std::to_string(kept.size));
  }
  if (kept.file) {
    response.file.emplace(http::FilePart{std::move(kept.file), part.first, part.length});
  } else {
    response.body = kept.bytes.substr(part.first, part.length);
  }
  return response;
}

}  // namespace vx11::api

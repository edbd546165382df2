#include "http/wire.hpp"

#include <time.h>

#include <string_view>

#include <Poco/Net/HTTPResponse.h>

namespace vx11::http {

namespace {

// IMF-fixdate; made once a second and thread, for formatting it costs more than all other fields together.
const std::string& dateNow() {
  thread_local time_t made = 0;
  thread_local std::string text;
  const time_t now = ::time(nullptr);
  if (now != made || text.empty()) {
    tm parts{};
    gmtime_r(&now, &parts);
    char buffer[64];
    text.assign(buffer, strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made = now;
  }
  return text;
}

void addField(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  // A value must not be able to start another field.
  for (const char c : value) head += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  head += "\r\n";
}

}  // namespace

bool mayHaveBody(int status) {
  return status != 204 && status != 304;
}

std::string renderHead(const Response& response, const std::string& correlation_id, bool keep_alive) {
  std::string head;
  head.reserve(512);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += Poco::Net::HTTPResponse::getReasonForStatus(
      static_cast<Poco::Net::HTTPResponse::HTTPStatus>(response.status));
  head += "\r\n";
  addField(head, "Date", dateNow());
  if (mayHaveBody(response.status)) {
    addField(head, "Content-Type", response.content_type);
    if (!response.stream) {
      addField(head, "Content-Length",
               std::to_string(response.file ? response.file->length : response.body.size()));
    }
  }
  addField(head, "X-Correlation-Id",
           response.correlation_id.empty() ? correlation_id : response.correlation_id);
  // Answers belong to one caller and one moment, and output of tasks must not be taken for a page.
  head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : response.headers) addField(head, name, value);
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace vx11::http

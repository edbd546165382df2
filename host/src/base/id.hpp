// Identifiers: uuid4 for records, hex for nonces, and the shape that a correlation id may have.
#pragma once

#include <string>
#include <string_view>

namespace vx11 {

// Random version 4 UUID (RFC 9562), lower case, 36 characters, from getrandom(2). Thread-safe.
std::string newUuid();

// 36 characters of that form, of any version.
bool isUuid(std::string_view text);

// "spawn-" and the first eight hex digits of the uuid: the short name people type.
std::string spawnIdOf(std::string_view uuid);

// 1 to 128 characters of [A-Za-z0-9._:-].
bool isCorrelationId(std::string_view text);

// W3C trace context, version 00: "00-<32 hex>-<16 hex>-<2 hex>", ids not all zero.
bool isTraceparent(std::string_view text);

}  // namespace vx11

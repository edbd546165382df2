// Bytes and text: UTF-8, base64, nearest names, and the exact form of output that is not text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vx11::text {

// Well-formed UTF-8 by RFC 3629 (no surrogates, no overlong forms).
bool isUtf8(std::string_view bytes);

// How many of the bytes there are without a character that is cut off at their end.
size_t wholeCharacters(std::string_view bytes);

// Each byte that is not part of well-formed UTF-8 as \xNN, and backslashes doubled: exact and readable.
std::string escapeInvalidUtf8(std::string_view bytes);

// Standard alphabet with padding, no line breaks (RFC 4648).
std::string toBase64(std::string_view bytes);
// nullopt where the text is not standard base64.
std::optional<std::string> fromBase64(std::string_view text);

// The candidate with the smallest edit distance to `name`; empty where none is near (more than a third of its
// length away). One of which `name` is the first word, as ttl of ttl_seconds, is nearest of all.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// 'a b' style quoting, so that a joined command line can be pasted into a POSIX shell.
std::string shellQuote(std::string_view argument);

}  // namespace vx11::text

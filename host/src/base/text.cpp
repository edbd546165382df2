#include "base/text.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace vx11::text {

namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint8_t byteAt(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}

// Length of the well-formed sequence that starts at `i`, 0 where there is none (RFC 3629, section 4).
size_t sequenceLength(std::string_view bytes, size_t i) {
  const uint8_t first = byteAt(bytes, i);
  if (first < 0x80) return 1;
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // overlong below
    if (first == 0xed) high = 0x9f;  // surrogates above
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;   // overlong below
    if (first == 0xf4) high = 0x8f;  // past U+10FFFF above
  } else {
    return 0;
  }
  if (bytes.size() - i < length) return 0;
  if (byteAt(bytes, i + 1) < low || byteAt(bytes, i + 1) > high) return 0;
  for (size_t k = 2; k < length; ++k) {
    if ((byteAt(bytes, i + k) & 0xc0) != 0x80) return 0;
  }
  return length;
}

constexpr std::array<int8_t, 256> kBase64Values = [] {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<uint8_t>(kBase64[i])] = static_cast<int8_t>(i);
  }
  return values;
}();

// Levenshtein, where two neighbours that changed places count as one step (people type "taks_type").
size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({substitution, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

bool isUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const size_t length = sequenceLength(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

size_t wholeCharacters(std::string_view bytes) {
  constexpr size_t kLongest = 4;
  for (size_t back = 1; back < kLongest && back <= bytes.size(); ++back) {
    const uint8_t byte = byteAt(bytes, bytes.size() - back);
    if ((byte & 0xc0) == 0x80) continue;  // within a character
    const size_t length = byte > 0xf4 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return bytes.size() - (back < length ? back : 0);
  }
  return bytes.size();
}

std::string escapeInvalidUtf8(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    const size_t length = sequenceLength(bytes, i);
    if (length == 0) {
      text += "\\x";
      text += kHex[byteAt(bytes, i) >> 4];
      text += kHex[byteAt(bytes, i) & 0x0f];
      ++i;
      continue;
    }
    if (bytes[i] == '\\') text += '\\';
    text.append(bytes, i, length);
    i += length;
  }
  return text;
}

std::string toBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = static_cast<uint32_t>(byteAt(bytes, i)) << 16;
    if (count > 1) group |= static_cast<uint32_t>(byteAt(bytes, i + 1)) << 8;
    if (count > 2) group |= byteAt(bytes, i + 2);
    text += kBase64[group >> 18];
    text += kBase64[(group >> 12) & 0x3f];
    text += count > 1 ? kBase64[(group >> 6) & 0x3f] : '=';
    text += count > 2 ? kBase64[group & 0x3f] : '=';
  }
  return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const size_t digits = text.size() - padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  size_t held = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int8_t value = kBase64Values[byteAt(text, i)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> held) & 0xff);
      bits &= (1u << held) - 1;
    }
  }
  // Left-over bits must be zero: otherwise two texts would mean the same bytes.
  if (bits != 0) return std::nullopt;
  return bytes;
}

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  // A longer name is nobody's typing slip, and the distance costs the product of both lengths.
  constexpr size_t kLongestName = 64;
  if (name.empty() || name.size() > kLongestName) return {};
  const size_t limit = std::max<size_t>(1, name.size() / 3);
  std::string best;
  size_t best_distance = limit + 1;
  for (const auto& candidate : candidates) {
    if (name.size() == candidate.size() && strncasecmp(name.data(), candidate.data(), name.size()) == 0)
      return candidate;
    // "ttl" is short for "ttl_seconds", though most of it is missing.
    if (candidate.size() > name.size() && candidate[name.size()] == '_' && candidate.starts_with(name))
      return candidate;
    const size_t distance = editDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string shellQuote(std::string_view argument) {
  constexpr std::string_view kSafe =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!argument.empty() && argument.find_first_not_of(kSafe) == std::string_view::npos) {
    return std::string(argument);
  }
  std::string quoted = "'";
  for (const char c : argument) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  quoted += '\'';
  return quoted;
}

}  // namespace vx11::text

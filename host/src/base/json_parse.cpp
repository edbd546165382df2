// A parser of our own, for Poco's (1.11) would need one in front of it: it keeps the last of two equal names,
// cuts a name at \u0000, wraps integers past 64 bits around, and knows no UTF-8. The tree is Poco's.
#include <algorithm>
#include <charconv>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"

namespace vx11::json {

namespace {

using Array = Poco::JSON::Array;
using Poco::Dynamic::Var;

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxRepeatedName = 80;
constexpr std::string_view kBlanks = " \t\r\n";

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

void appendUtf8(std::string& out, uint32_t point) {
  const auto tail = [point](unsigned shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    out += tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    out += tail(6);
    out += tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    out += tail(12);
    out += tail(6);
    out += tail(0);
  }
}

// Recursive descent by RFC 8259; the depth is bounded, so is the stack.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ObjectPtr run() {
    if (!text::isUtf8(text_)) throw Error(ErrorCode::kMalformedJson, "the body is not valid UTF-8");
    skipBlanks();
    if (at_ == text_.size()) return new Object;
    if (text_[at_] != '{') refuse("an object in braces is wanted");
    ObjectPtr root = parseObjectAt(1);
    skipBlanks();
    if (at_ != text_.size()) refuse("nothing may follow the object");
    return root;
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(ErrorCode::kMalformedJson,
                "the body is not strict JSON: " + reason + " (at byte " + std::to_string(at_) + ")");
  }

  void skipBlanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }
  // The next character that is not blank, without taking it; NUL at the end of the text.
  char peek() {
    skipBlanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  ObjectPtr parseObjectAt(size_t depth) {
    if (depth > kMaxDepth) refuse("more than " + std::to_string(kMaxDepth) + " levels");
    ++at_;
    ObjectPtr object = new Object;
    if (take('}')) return object;
    do {
      if (peek() != '"') refuse("a name in double quotes is wanted");
      const auto name = parseString();
      if (name.find('\0') != std::string::npos) refuse("a name holds \\u0000");
      if (object->has(name)) {
        refuse(name.size() > kMaxRepeatedName ? "a name is given twice"
                                              : "the name \"" + name + "\" is given twice");
      }
      if (!take(':')) refuse("a colon is wanted after the name");
      object->set(name, parseValue(depth + 1));
    } while (take(','));
    if (!take('}')) refuse("a comma or a closing brace is wanted");
    return object;
  }

  Array::Ptr parseArrayAt(size_t depth) {
    if (depth > kMaxDepth) refuse("more than " + std::to_string(kMaxDepth) + " levels");
    ++at_;
    Array::Ptr array = new Array;
    if (take(']')) return array;
    do {
      array->add(parseValue(depth + 1));
    } while (take(','));
    if (!take(']')) refuse("a comma or a closing bracket is wanted");
    return array;
  }

  Var parseValue(size_t depth) {
    switch (peek()) {
      case '{':
        return parseObjectAt(depth);
      case '[':
        return parseArrayAt(depth);
      case '"':
        return parseString();
      case 't':
        return parseWord("true", true);
      case 'f':
        return parseWord("false", false);
      case 'n':
        return parseWord("null", Var());
      default:
        return parseNumber();
    }
  }

  Var parseWord(std::string_view word, const Var& value) {
    if (!text_.substr(at_).starts_with(word)) refuse("a value is wanted");
    at_ += word.size();
    return value;
  }

  size_t digitsFrom(size_t i) const {
    while (i < text_.size() && isDigit(text_[i])) ++i;
    return i;
  }

  Var parseNumber() {
    const size_t start = at_;
    size_t end = start;
    if (end < text_.size() && text_[end] == '-') ++end;
    const size_t first = end;
    end = digitsFrom(first);
    if (end == first) refuse("a value is wanted");
    if (text_[first] == '0' && end > first + 1) refuse("a number must not start with 0");
    bool whole = true;
    if (end < text_.size() && text_[end] == '.') {
      whole = false;
      const size_t fraction = end + 1;
      end = digitsFrom(fraction);
      if (end == fraction) refuse("digits are wanted behind the point");
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      whole = false;
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      end = digitsFrom(exponent);
      if (end == exponent) refuse("digits are wanted in the exponent");
    }
    at_ = end;
    if (!whole) return convert<double>(start, end);
    // Unsigned only where the signed type does not reach, as Poco's own parser has it.
    Poco::Int64 value = 0;
    if (std::from_chars(text_.data() + start, text_.data() + end, value).ec == std::errc{}) return value;
    return convert<Poco::UInt64>(start, end);
  }

  template <class Number>
  Var convert(size_t start, size_t end) const {
    Number value{};
    const auto result = std::from_chars(text_.data() + start, text_.data() + end, value);
    if (result.ec != std::errc{}) refuse("a number is out of range");
    return value;
  }

  std::string parseString() {
    std::string value;
    ++at_;
    while (true) {
      const size_t run = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20) {
        ++at_;
      }
      value.append(text_, run, at_ - run);
      if (at_ == text_.size()) refuse("a string has no closing quote");
      if (text_[at_] == '"') break;
      if (text_[at_] != '\\') refuse("a string holds a raw control character; a line end is written \\n");
      ++at_;
      parseEscape(value);
    }
    ++at_;
    return value;
  }

  void parseEscape(std::string& value) {
    if (at_ == text_.size()) refuse("a string has no closing quote");
    const char c = text_[at_++];
    switch (c) {
      case '"':
      case '\\':
      case '/':
        value += c;
        return;
      case 'b':
        value += '\b';
        return;
      case 'f':
        value += '\f';
        return;
      case 'n':
        value += '\n';
        return;
      case 'r':
        value += '\r';
        return;
      case 't':
        value += '\t';
        return;
      case 'u':
        break;
      default:
        refuse("an unknown escape in a string");
    }
    uint32_t point = parseHex();
    if (point >= 0xd800 && point <= 0xdfff) {
      const bool high = point < 0xdc00;
      if (!high || !text_.substr(at_).starts_with("\\u")) refuse("half of a surrogate pair");
      at_ += 2;
      const uint32_t low = parseHex();
      if (low < 0xdc00 || low > 0xdfff) refuse("half of a surrogate pair");
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    appendUtf8(value, point);
  }

  uint32_t parseHex() {
    uint32_t value = 0;
    const auto digits = text_.substr(at_, 4);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || result.ptr != digits.data() + 4)
      refuse("four hex digits are wanted behind \\u");
    at_ += 4;
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

ObjectPtr parseObject(std::string_view text) {
  return Parser(text).run();
}

}  // namespace vx11::json

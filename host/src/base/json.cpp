#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <typeinfo>

namespace vx11::json {

namespace {

using Array = Poco::JSON::Array;
using Poco::Dynamic::Var;

void appendString(std::string& out, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  size_t run = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(value, run, i - run);
    run = i + 1;
    out += '\\';
    switch (byte) {
      case '"':
      case '\\':
        out += value[i];
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 0x0f];
    }
  }
  out.append(value, run);
  out += '"';
}

template <class Number>
void appendNumber(std::string& out, Number value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void appendObject(std::string& out, const Object& object);

void appendValue(std::string& out, const Var& value) {
  if (value.isEmpty()) {
    out += "null";
  } else if (value.type() == typeid(ObjectPtr)) {
    appendObject(out, *value.extract<ObjectPtr>());
  } else if (value.type() == typeid(Object)) {
    appendObject(out, value.extract<Object>());
  } else if (value.type() == typeid(Array::Ptr)) {
    const auto& array = *value.extract<Array::Ptr>();
    out += '[';
    for (auto item = array.begin(); item != array.end(); ++item) {
      if (item != array.begin()) out += ',';
      appendValue(out, *item);
    }
    out += ']';
  } else if (value.type() == typeid(std::string)) {
    appendString(out, value.extract<std::string>());
  } else if (value.isBoolean()) {
    out += value.convert<bool>() ? "true" : "false";
  } else if (value.isInteger()) {
    if (value.isSigned()) {
      appendNumber(out, value.convert<Poco::Int64>());
    } else {
      appendNumber(out, value.convert<Poco::UInt64>());
    }
  } else if (value.isNumeric()) {
    const auto number = value.convert<double>();
    if (!std::isfinite(number))
      throw Error(ErrorCode::kInternal, "an answer holds a number that is not finite");
    appendNumber(out, number);
  } else {
    throw Error(ErrorCode::kInternal, "an answer holds a value that JSON does not know");
  }
}

// Poco tells the order of the names only as copies, and its get() copies the value: so the values are looked
// up through iterators, and an output of some 64 KiB is copied once.
void appendObject(std::string& out, const Object& object) {
  std::vector<std::pair<std::string_view, const Var*>> sorted;
  sorted.reserve(object.size());
  for (const auto& [name, value] : object) sorted.emplace_back(name, &value);
  out += '{';
  bool first = true;
  for (const auto& name : object.getNames()) {
    if (!first) out += ',';
    first = false;
    appendString(out, name);
    out += ':';
    const auto found =
        std::lower_bound(sorted.begin(), sorted.end(), name,
                         [](const auto& entry, const std::string& key) { return entry.first < key; });
    appendValue(out, *found->second);
  }
  out += '}';
}

}  // namespace

ObjectPtr newObject() {
  return new Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

std::string print(const Object& object) {
  std::string out;
  appendObject(out, object);
  return out;
}

}  // namespace vx11::json

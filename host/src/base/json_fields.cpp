#include <algorithm>
#include <typeinfo>

#include "base/json.hpp"
#include "base/text.hpp"

namespace vx11::json {

namespace {

using Array = Poco::JSON::Array;
using Poco::Dynamic::Var;

// A client may send a million bad fields; an answer that names them all helps nobody.
constexpr size_t kMaxErrors = 64;
constexpr size_t kMaxShownName = 80;

bool isWhole(const Var& value) {
  return value.isInteger() && !value.isBoolean();
}

std::string kindOf(const Var& value) {
  if (value.isEmpty()) return "null";
  if (value.isString()) return "a string";
  if (value.isBoolean()) return "true or false";
  if (value.isNumeric()) return "a number";
  if (value.type() == typeid(ObjectPtr)) return "an object";
  return "a list";
}

std::string wrongType(const char* wanted, const Var& value) {
  return std::string("must be ") + wanted + ", not " + kindOf(value);
}

// Names come from the client: shortened, at the start of a character.
std::string shownName(std::string_view name) {
  if (name.size() <= kMaxShownName) return std::string(name);
  size_t end = kMaxShownName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return std::string(name.substr(0, end)) + "…";
}

std::string itemName(const std::string& name, size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

constexpr const char* kNul = "must not contain \\u0000";

bool holdsNul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

}  // namespace

Fields::Fields(ObjectPtr object, std::string prefix)
    : object_(std::move(object)), prefix_(std::move(prefix)) {}

const Var* Fields::find(const std::string& name) {
  known(name);
  // Poco's get() would copy the value, which may be a body of megabytes.
  const auto found =
      std::find_if(object_->begin(), object_->end(), [&](const auto& entry) { return entry.first == name; });
  return found == object_->end() || found->second.isEmpty() ? nullptr : &found->second;
}

std::optional<std::string> Fields::string(const std::string& name, Length length) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->isString()) {
    fail(name, wrongType("a string", *value));
    return std::nullopt;
  }
  const auto& text = value->extract<std::string>();
  if (holdsNul(text)) {
    const auto bytes = name + "_base64";
    fail(name, isKnown(bytes) ? std::string(kNul) + "; bytes travel in " + bytes : kNul);
  } else if (text.size() < length.min) {
    fail(name,
         text.empty() ? "must not be empty" : "must have at least " + std::to_string(length.min) + " bytes");
  } else if (text.size() > length.max) {
    fail(name,
         "must have at most " + std::to_string(length.max) + " bytes, not " + std::to_string(text.size()));
  } else {
    return text;
  }
  return std::nullopt;
}

std::optional<int64_t> Fields::integer(const std::string& name, int64_t min, int64_t max) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  const std::string range = " between " + std::to_string(min) + " and " + std::to_string(max);
  if (!isWhole(*value)) {
    std::string message = "must be a whole number" + range + ", not " + kindOf(*value);
    if (value->isString()) message += " (write it without quotes)";
    if (value->isNumeric() && !value->isBoolean()) message += " with a fraction or an exponent";
    fail(name, message);
    return std::nullopt;
  }
  const bool fits =
      value->isSigned() || value->convert<Poco::UInt64>() <= static_cast<Poco::UInt64>(INT64_MAX);
  const int64_t number = fits ? value->convert<Poco::Int64>() : 0;
  if (!fits || number < min || number > max) {
    fail(name, "must be" + range + ", not " + value->convert<std::string>());
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Fields::boolean(const std::string& name) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->isBoolean()) {
    fail(name, wrongType("true or false", *value));
    return std::nullopt;
  }
  return value->convert<bool>();
}

std::optional<ObjectPtr> Fields::findObject(const std::string& name) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->type() != typeid(ObjectPtr)) {
    fail(name, wrongType("an object", *value));
    return std::nullopt;
  }
  return value->extract<ObjectPtr>();
}

std::optional<ObjectPtr> Fields::object(const std::string& name) {
  auto found = findObject(name);
  if (found && failNuls(name, *found)) return std::nullopt;
  return found;
}

// The parser bounds the depth.
bool Fields::failNuls(const std::string& name, const Var& value) {
  bool found = false;
  if (value.isString()) {
    found = holdsNul(value.extract<std::string>());
    if (found) fail(name, kNul);
  } else if (value.type() == typeid(ObjectPtr)) {
    for (const auto& [key, nested] : *value.extract<ObjectPtr>()) found |= failNuls(name + "." + key, nested);
  } else if (value.type() == typeid(Array::Ptr)) {
    size_t index = 0;
    for (const Var& item : *value.extract<Array::Ptr>()) found |= failNuls(itemName(name, index++), item);
  }
  return found;
}

std::optional<std::vector<std::string>> Fields::strings(const std::string& name) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->type() != typeid(Array::Ptr)) {
    fail(name, wrongType("a list of strings", *value));
    return std::nullopt;
  }
  std::vector<std::string> items;
  bool good = true;
  size_t index = 0;
  for (const Var& item : *value->extract<Array::Ptr>()) {
    if (!item.isString()) {
      fail(itemName(name, index), wrongType("a string", item));
      good = false;
    } else if (holdsNul(item.extract<std::string>())) {
      fail(itemName(name, index), kNul);
      good = false;
    } else {
      items.push_back(item.extract<std::string>());
    }
    ++index;
  }
  if (!good) return std::nullopt;
  return items;
}

std::optional<std::vector<ObjectPtr>> Fields::objects(const std::string& name) {
  const Var* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->type() != typeid(Array::Ptr)) {
    fail(name, wrongType("a list of objects", *value));
    return std::nullopt;
  }
  std::vector<ObjectPtr> items;
  bool good = true;
  size_t index = 0;
  for (const Var& item : *value->extract<Array::Ptr>()) {
    if (item.type() == typeid(ObjectPtr)) {
      items.push_back(item.extract<ObjectPtr>());
    } else {
      fail(itemName(name, index), wrongType("an object", item));
      good = false;
    }
    ++index;
  }
  if (!good) return std::nullopt;
  return items;
}

std::optional<std::map<std::string, std::string>> Fields::stringMap(const std::string& name) {
  const auto nested = findObject(name);
  if (!nested) return std::nullopt;
  std::map<std::string, std::string> entries;
  bool good = true;
  for (const auto& [key, value] : **nested) {
    if (!value.isString()) {
      fail(name + "." + key, wrongType("a string", value));
      good = false;
    } else if (holdsNul(value.extract<std::string>())) {
      fail(name + "." + key, kNul);
      good = false;
    } else {
      entries.emplace(key, value.extract<std::string>());
    }
  }
  if (!good) return std::nullopt;
  return entries;
}

std::optional<std::string> Fields::base64(const std::string& name) {
  const auto encoded = string(name);
  if (!encoded) return std::nullopt;
  auto bytes = text::fromBase64(*encoded);
  if (!bytes) fail(name, "must be standard base64 with padding and without line breaks (RFC 4648)");
  return bytes;
}

bool Fields::has(const std::string& name) const {
  return object_->has(name) && !object_->isNull(name);
}

void Fields::known(const std::string& name) {
  if (!isKnown(name)) known_.push_back(name);
}

bool Fields::isKnown(const std::string& name) const {
  return std::find(known_.begin(), known_.end(), name) != known_.end();
}

void Fields::fail(const std::string& name, std::string message) {
  auto field = prefix_ + shownName(name);
  // The first thing wrong with a field explains the others.
  if (errors_.size() >= kMaxErrors || std::ranges::find(errors_, field, &FieldError::field) != errors_.end())
    return;
  errors_.push_back({std::move(field), std::move(message)});
}

void Fields::absorb(Fields& nested, UnknownFields unknown) {
  nested.reportUnknown(unknown);
  for (auto& error : nested.errors_) {
    if (errors_.size() < kMaxErrors) errors_.push_back(std::move(error));
  }
  nested.errors_.clear();
}

void Fields::reportUnknown(UnknownFields unknown) {
  if (unknown == UnknownFields::kIgnore) return;
  for (const auto& [name, value] : *object_) {
    if (errors_.size() >= kMaxErrors) return;
    if (isKnown(name)) continue;
    std::string message = "unknown field \"" + shownName(name) + "\"";
    const auto near = text::nearest(name, known_);
    if (!near.empty()) message += "; did you mean \"" + near + "\"?";
    fail(name, std::move(message));
  }
}

void Fields::finish(UnknownFields unknown) {
  reportUnknown(unknown);
  if (errors_.empty()) return;
  std::string detail;
  if (errors_.size() == 1) {
    detail = errors_.front().field + ": " + errors_.front().message;
  } else {
    detail = std::to_string(errors_.size()) + " fields cannot be accepted: see errors";
  }
  throw Error(ErrorCode::kInvalidField, detail, std::move(errors_));
}

}  // namespace vx11::json

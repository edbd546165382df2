// Strict JSON in Poco's tree: what Poco's parser lets through silently is refused here (equal names, NUL in
// names, numbers out of range, invalid UTF-8), and fields are taken out with every fault named at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "base/error.hpp"

namespace vx11::json {

using Object = Poco::JSON::Object;
using ObjectPtr = Poco::JSON::Object::Ptr;

// Parses one JSON object: depth at most 32, no duplicate keys, valid UTF-8, no NUL in a key, nothing behind
// it. Throws Error{kMalformedJson} with the reason. Blank text is an empty object.
ObjectPtr parseObject(std::string_view text);

// An object that keeps the order in which its keys are set.
ObjectPtr newObject();

// Compact text. Throws Error{kInternal} for a number that is not finite. Strings must be valid UTF-8.
std::string print(const Object& object);

enum class UnknownFields { kRefuse, kIgnore };

// Takes typed fields out of an object and remembers what was wrong. A field that is absent or null gives
// nullopt; one of the wrong type or out of range gives nullopt and a FieldError. finish() throws once, with
// all of them. Not thread-safe. Keeps a reference to the object.
class Fields {
 public:
  // `prefix` stands before each name in errors: "files[0]." for nested objects.
  explicit Fields(ObjectPtr object, std::string prefix = {});

  struct Length {
    size_t min = 0;
    size_t max = SIZE_MAX;  // bytes
  };

  // Text without NUL (a NUL is a FieldError, which names NAME_base64 where that was read before).
  std::optional<std::string> string(const std::string& name, Length length);
  std::optional<std::string> string(const std::string& name) { return string(name, Length{}); }
  // Whole numbers only: 60.0 and "60" are errors.
  std::optional<int64_t> integer(const std::string& name, int64_t min, int64_t max);
  std::optional<bool> boolean(const std::string& name);
  // No text in it holds a NUL, at any depth (a NUL is a FieldError that names its place).
  std::optional<ObjectPtr> object(const std::string& name);
  std::optional<std::vector<std::string>> strings(const std::string& name);
  std::optional<std::vector<ObjectPtr>> objects(const std::string& name);
  // {"A":"1"}: string values only.
  std::optional<std::map<std::string, std::string>> stringMap(const std::string& name);
  // Standard base64 (RFC 4648), decoded to bytes.
  std::optional<std::string> base64(const std::string& name);

  bool has(const std::string& name) const;  // present and not null
  // Says that the name exists, without reading it, so that it is not reported as unknown.
  void known(const std::string& name);
  void fail(const std::string& name, std::string message);  // the prefix is added
  // Takes over the faults of a nested object's Fields.
  void absorb(Fields& nested, UnknownFields unknown);

  // Reports each unread field with the nearest known name, then throws Error{kInvalidField} if anything was
  // wrong.
  void finish(UnknownFields unknown);

 private:
  bool isKnown(const std::string& name) const;
  void reportUnknown(UnknownFields unknown);
  std::optional<ObjectPtr> findObject(const std::string& name);
  bool failNuls(const std::string& name, const Poco::Dynamic::Var& value);
  const Poco::Dynamic::Var* find(const std::string& name);

  ObjectPtr object_;
  std::string prefix_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
};

}  // namespace vx11::json

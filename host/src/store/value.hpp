// One value that a statement binds. Strings that outlive the call are borrowed, others are copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <Poco/Data/LOB.h>

#include "base/clock.hpp"

namespace vx11::store {

class Value {
 public:
  Value(std::nullopt_t) {}
  Value(int number) : held_(int64_t{number}) {}
  Value(int64_t number) : held_(number) {}
  Value(bool flag) : held_(int64_t{flag}) {}
  Value(double number) : held_(number) {}
  Value(const std::string& text) : held_(&text) {}  // borrowed until the statement has run
  Value(std::string&& text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(const char*) = delete;  // would become a bool
  Value(WallTime time) : held_(sqlTime(time)) {}
  template <class T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }
  // Empty text as NULL.
  static Value orNull(const std::string& text) { return text.empty() ? Value(std::nullopt) : Value(text); }
  // A BLOB, copied; an empty one becomes NULL (Poco binds no empty BLOB).
  static Value bytes(std::string_view bytes) {
    Value value(std::nullopt);
    if (!bytes.empty()) {
      value.held_.emplace<Poco::Data::BLOB>(reinterpret_cast<const unsigned char*>(bytes.data()),
                                            bytes.size());
    }
    return value;
  }

  using Held =
      std::variant<std::monostate, int64_t, double, const std::string*, std::string, Poco::Data::BLOB>;
  const Held& held() const { return held_; }
  // Bytes of a text or a BLOB.
  size_t size() const;

 private:
  Held held_;
};

inline size_t Value::size() const {
  if (const auto* borrowed = std::get_if<const std::string*>(&held_)) return (*borrowed)->size();
  if (const auto* text = std::get_if<std::string>(&held_)) return text->size();
  if (const auto* bytes = std::get_if<Poco::Data::BLOB>(&held_)) return bytes->size();
  return 0;
}

}  // namespace vx11::store

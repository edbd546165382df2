// The layout of a packet: header, then fields of (tag u16, length u32, bytes), all numbers little-endian.
//
// A writer and a reader with the same calls, so that one description of a message serves both directions. A
// tag with kInMemfd set says that the field's bytes stand in the memfd whose index (u32) is the field's
// value.
#pragma once

#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spawner/protocol.hpp"

namespace vx11::spawner {

inline constexpr uint16_t kInMemfd = 0x8000;
// What a peer may make us read into memory for one field; argv and environment end at the kernel's 2 MiB or
// so, and the inline part of an output is bounded by the spawner.
inline constexpr size_t kMaxFieldBytes = 64 * 1024 * 1024;

enum class Presence { kOptional, kNeeded };

class FieldWriter {
 public:
  static constexpr bool kReading = false;

  template <std::integral Number>
  void number(uint16_t tag, const Number& value, Presence = Presence::kOptional) {
    putNumber(tag, static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
  void text(uint16_t tag, const std::string& value, Presence = Presence::kOptional);
  void args(uint16_t tag, const std::vector<PlanArg>& args);
  void pairs(uint16_t tag, const std::vector<std::pair<std::string, std::string>>& pairs);
  void files(uint16_t tag, std::vector<StartFile>& files);
  void descriptor(uint16_t tag, std::optional<UniqueFd>& fd);

  // Moves the largest fields into memfds until the rest fits into `max_bytes`.
  Packet finish(uint16_t type, size_t max_bytes = kMaxPacketBytes) &&;

 private:
  struct Field {
    uint16_t tag = 0;
    std::string bytes;
  };

  void putNumber(uint16_t tag, uint64_t value);
  uint32_t addDescriptor(UniqueFd fd);

  std::vector<Field> fields_;
  std::vector<UniqueFd> fds_;
};

class FieldReader {
 public:
  static constexpr bool kReading = true;

  // Checks header, lengths and duplicate tags; throws ProtocolError.
  explicit FieldReader(Packet packet);

  uint16_t framing() const { return framing_; }
  uint16_t type() const { return type_; }

  template <std::integral Number>
  void number(uint16_t tag, Number& value, Presence presence = Presence::kOptional) {
    const std::optional<uint64_t> raw = takeNumber(tag, presence);
    if (!raw) return;
    value = static_cast<Number>(*raw);
    const bool exact = std::signed_integral<Number>
                           ? static_cast<int64_t>(value) == static_cast<int64_t>(*raw)
                           : static_cast<uint64_t>(value) == *raw;
    if (!exact) throw ProtocolError("the number of field " + std::to_string(tag) + " is out of range");
  }
  void text(uint16_t tag, std::string& value, Presence presence = Presence::kOptional);
  void args(uint16_t tag, std::vector<PlanArg>& args);
  void pairs(uint16_t tag, std::vector<std::pair<std::string, std::string>>& pairs);
  void files(uint16_t tag, std::vector<StartFile>& files);
  void descriptor(uint16_t tag, std::optional<UniqueFd>& fd);

 private:
  struct Field {
    uint16_t tag = 0;
    std::string_view bytes;
  };

  const Field* find(uint16_t tag) const;
  std::string bytesOf(uint16_t tag);
  std::optional<uint64_t> takeNumber(uint16_t tag, Presence presence);
  UniqueFd takeDescriptor(uint32_t index);

  Packet packet_;
  std::vector<Field> fields_;
  uint16_t framing_ = 0;
  uint16_t type_ = 0;
};

// A Finished or Acknowledge in the same layout, but of any size and without descriptors: for the exit
// records.
std::string encodeRecord(const Message& message);
Message decodeRecord(std::string record);

}  // namespace vx11::spawner

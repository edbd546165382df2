#include <algorithm>

#include "spawner/fields.hpp"

namespace vx11::spawner {

namespace {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kFieldHeaderBytes = 6;

template <std::unsigned_integral Number>
void append(std::string& bytes, Number value) {
  for (size_t i = 0; i < sizeof(Number); ++i) {
    bytes += static_cast<char>(static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i)));
  }
}

void appendText(std::string& bytes, std::string_view text) {
  if (text.size() > kMaxFieldBytes) throw ProtocolError("a text of more than 64 MiB cannot be sent");
  append(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}

}  // namespace

void FieldWriter::putNumber(uint16_t tag, uint64_t value) {
  std::string bytes;
  append(bytes, value);
  fields_.push_back({tag, std::move(bytes)});
}

uint32_t FieldWriter::addDescriptor(UniqueFd fd) {
  fds_.push_back(std::move(fd));
  return static_cast<uint32_t>(fds_.size() - 1);
}

void FieldWriter::text(uint16_t tag, const std::string& value, Presence) {
  if (!value.empty()) fields_.push_back({tag, value});
}

void FieldWriter::args(uint16_t tag, const std::vector<PlanArg>& args) {
  if (args.empty()) return;
  std::string bytes;
  for (const auto& arg : args) {
    bytes += static_cast<char>(arg.in_task_directory ? 1 : 0);
    appendText(bytes, arg.text);
  }
  fields_.push_back({tag, std::move(bytes)});
}

void FieldWriter::pairs(uint16_t tag, const std::vector<std::pair<std::string, std::string>>& pairs) {
  if (pairs.empty()) return;
  std::string bytes;
  for (const auto& [name, value] : pairs) {
    appendText(bytes, name);
    appendText(bytes, value);
  }
  fields_.push_back({tag, std::move(bytes)});
}

void FieldWriter::files(uint16_t tag, std::vector<StartFile>& files) {
  if (files.empty()) return;
  if (files.size() > kMaxFiles) {
    throw ProtocolError("at most " + std::to_string(kMaxFiles) + " files travel with one start");
  }
  std::string bytes;
  for (auto& file : files) {
    append(bytes, file.mode);
    append(bytes, addDescriptor(std::move(file.content)));
    appendText(bytes, file.name);
  }
  fields_.push_back({tag, std::move(bytes)});
}

void FieldWriter::descriptor(uint16_t tag, std::optional<UniqueFd>& fd) {
  if (!fd) return;
  std::string bytes;
  append(bytes, addDescriptor(std::move(*fd)));
  fields_.push_back({tag, std::move(bytes)});
}

Packet FieldWriter::finish(uint16_t type, size_t max_bytes) && {
  size_t total = kHeaderBytes;
  for (const auto& field : fields_) total += kFieldHeaderBytes + field.bytes.size();
  while (total > max_bytes) {
    const auto largest = std::max_element(fields_.begin(), fields_.end(), [](const Field& a, const Field& b) {
      return a.bytes.size() < b.bytes.size();
    });
    if (largest->bytes.size() > kMaxFieldBytes)
      throw ProtocolError("a field of more than 64 MiB cannot be sent");
    total -= largest->bytes.size();
    const uint32_t index = addDescriptor(sealedMemfd("vx11-field", largest->bytes));
    largest->tag |= kInMemfd;
    largest->bytes.clear();
    append(largest->bytes, index);
    total += largest->bytes.size();
  }

  Packet packet;
  packet.bytes.reserve(total);
  packet.bytes = "VXSP";
  append(packet.bytes, kFraming);
  append(packet.bytes, type);
  for (const auto& field : fields_) {
    append(packet.bytes, field.tag);
    appendText(packet.bytes, field.bytes);
  }
  packet.fds = std::move(fds_);
  return packet;
}

}  // namespace vx11::spawner

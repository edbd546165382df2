#include "spawner/protocol.hpp"

#include "spawner/fields.hpp"

namespace vx11::spawner {

namespace {

// The number of a message on the wire is its place in the variant, from 1: append to the variant, never
// reorder.
template <size_t Index>
constexpr uint16_t kTypeOf = static_cast<uint16_t>(Index + 1);

// One description of each message for both directions. Tags are never used again for something else.

template <class Codec>
void describe(Codec& codec, Hello& m) {
  codec.number(1, m.oldest, Presence::kNeeded);
  codec.number(2, m.newest, Presence::kNeeded);
  codec.number(3, m.pid);
}

template <class Codec>
void describe(Codec& codec, Welcome& m) {
  codec.number(1, m.version, Presence::kNeeded);
  codec.text(2, m.instance, Presence::kNeeded);
  codec.number(3, m.pid, Presence::kNeeded);
  codec.text(4, m.isolation);
  codec.text(5, m.tree_kill);
}

template <class Codec>
void describe(Codec&, Synced&) {}

template <class Codec>
void describe(Codec& codec, Start& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.text(2, m.spawn_uuid, Presence::kNeeded);
  codec.text(3, m.spawn_id);
  codec.text(4, m.correlation_id);
  codec.text(5, m.task_type);
  codec.text(6, m.traceparent);
  codec.number(7, m.ttl_ms, Presence::kNeeded);
  codec.number(8, m.kill_grace_ms);
  codec.number(9, m.inline_output_bytes);
  codec.text(10, m.program, Presence::kNeeded);
  codec.args(11, m.args);
  codec.pairs(12, m.env);
  codec.text(13, m.cwd);
  codec.descriptor(14, m.stdin_content);
  codec.files(15, m.files);
  codec.number(16, m.limits.cpu_seconds);
  codec.number(17, m.limits.address_space_bytes);
  codec.number(18, m.limits.file_bytes);
  codec.number(19, m.limits.open_files);
  codec.number(20, m.limits.processes);
  codec.number(21, m.limits.output_bytes);
  codec.number(22, m.limits.kill_at_output_limit);
  codec.pairs(23, m.secret_env);
}

template <class Codec>
void describe(Codec& codec, Started& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.text(2, m.spawn_uuid, Presence::kNeeded);
  codec.number(3, m.pid, Presence::kNeeded);
  codec.number(4, m.uid);
  codec.number(5, m.started_at_us, Presence::kNeeded);
}

template <class Codec>
void describe(Codec& codec, Refused& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.text(2, m.spawn_uuid, Presence::kNeeded);
  codec.number(3, m.transient);
  codec.text(4, m.reason);
}

template <class Codec>
void describe(Codec& codec, Finished& m) {
  auto end = static_cast<uint8_t>(m.end);
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.text(2, m.spawn_uuid, Presence::kNeeded);
  codec.number(3, end, Presence::kNeeded);
  codec.number(4, m.exit_code);
  codec.number(5, m.signal);
  codec.text(6, m.reason);
  codec.number(7, m.started_at_us);
  codec.number(8, m.ended_at_us, Presence::kNeeded);
  codec.number(9, m.duration_us);
  codec.number(10, m.user_us);
  codec.number(11, m.system_us);
  codec.number(12, m.max_rss_kb);
  codec.text(13, m.out.inline_bytes);
  codec.number(14, m.out.total_bytes);
  codec.text(15, m.out.spool_file);
  codec.text(16, m.err.inline_bytes);
  codec.number(17, m.err.total_bytes);
  codec.text(18, m.err.spool_file);
  codec.number(19, m.tree_empty);
  codec.number(20, m.pid);
  codec.number(21, m.output_limit);
  if constexpr (Codec::kReading) {
    if (end < static_cast<uint8_t>(End::kExited) || end > static_cast<uint8_t>(End::kSpawnError)) {
      throw ProtocolError("an end of an unknown kind");
    }
    m.end = static_cast<End>(end);
  }
}

template <class Codec>
void describe(Codec& codec, Kill& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.text(2, m.reason);
}

template <class Codec>
void describe(Codec& codec, Acknowledge& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
}

template <class Codec>
void describe(Codec& codec, Fault& m) {
  codec.text(1, m.reason);
}

template <class Codec>
void describe(Codec& codec, Follow& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.number(2, m.on);
}

template <class Codec>
void describe(Codec& codec, Grown& m) {
  codec.text(1, m.nonce, Presence::kNeeded);
  codec.number(2, m.out_bytes);
  codec.number(3, m.err_bytes);
}

// Tries the alternatives from the first; unknown types end the recursion.
template <size_t Index = 0>
Message decodeAs(FieldReader& reader) {
  if constexpr (Index == std::variant_size_v<Message>) {
    throw ProtocolError("a message of unknown type " + std::to_string(reader.type()));
  } else {
    if (reader.type() != kTypeOf<Index>) return decodeAs<Index + 1>(reader);
    std::variant_alternative_t<Index, Message> message;
    describe(reader, message);
    return message;
  }
}

uint16_t typeOf(const Message& message) {
  return static_cast<uint16_t>(message.index() + 1);
}

}  // namespace

Packet encode(Message message) {
  FieldWriter writer;
  std::visit([&](auto& m) { describe(writer, m); }, message);
  return std::move(writer).finish(typeOf(message));
}

Message decode(Packet packet) {
  if (packet.bytes.size() > kMaxPacketBytes) throw ProtocolError("the packet is larger than 64 KiB");
  FieldReader reader(std::move(packet));
  if (reader.framing() != kFraming)
    throw ProtocolError("framing " + std::to_string(reader.framing()) + " is not spoken here");
  return decodeAs(reader);
}

std::string encodeRecord(const Message& message) {
  FieldWriter writer;
  // The writer moves descriptors only, and these two have none.
  if (const auto* finished = std::get_if<Finished>(&message)) {
    auto copy = *finished;
    describe(writer, copy);
  } else {
    auto copy = std::get<Acknowledge>(message);
    describe(writer, copy);
  }
  return std::move(writer).finish(typeOf(message), SIZE_MAX).bytes;
}

Message decodeRecord(std::string record) {
  Packet packet;
  packet.bytes = std::move(record);
  FieldReader reader(std::move(packet));
  return decodeAs(reader);
}

}  // namespace vx11::spawner

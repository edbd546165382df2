// The protocol between vx11d and vx11-spawner: SOCK_SEQPACKET, one message a packet, at most 64 KiB each.
//
// A packet is a header (magic "VXSP", kFraming, type, both little-endian) and a list of fields (tag, length,
// bytes). An unknown field is skipped, so that a newer peer may add some; an unknown type is answered with
// Fault: who knows a type that came with a version sends it only where that version was agreed on. Contents
// (code, stdin, files, long outputs) travel as sealed memfds beside the packet: the default socket buffers
// refuse larger packets with EMSGSIZE, and a sealed memfd cannot change under its reader.
//
// The host speaks first: Hello, then the spawner answers Welcome, one Started for each running daughter, one
// Finished for each end that was not acknowledged, and Synced. From then on Start, Kill, Acknowledge and
// Follow go one way, Started, Refused, Finished and Grown the other. Finished comes without Started where the
// daughter ended within a moment. One host at a time: a second one gets Fault and is closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/plan.hpp"
#include "base/unique_fd.hpp"

namespace vx11::spawner {

// Of header and fields. Another number is another protocol, which no peer of ours reads.
inline constexpr uint16_t kFraming = 1;

// What this build speaks. A release drops no version that the release before it spoke, for a spawner outlives
// the vx11d that started it. A function, so that tests can link both programs as the next release has them.
struct Versions {
  uint16_t oldest;
  uint16_t newest;
};
Versions spokenVersions();

inline constexpr size_t kMaxPacketBytes = 64 * 1024;
inline constexpr size_t kMaxFiles = 200;  // below the kernel's SCM_MAX_FD of 253

struct Hello {
  uint16_t oldest = spokenVersions().oldest;
  uint16_t newest = spokenVersions().newest;
  int32_t pid = 0;
};

struct Welcome {
  uint16_t version = spokenVersions().newest;  // in an answer: the newest that both speak
  std::string instance;                        // uuid of this spawner process
  int32_t pid = 0;
  std::string isolation;  // own-uid | namespace | same-user
  std::string tree_kill;  // how a tree is ended: cgroup | uid | pid-namespace | sweep
};

struct Synced {};

struct StartFile {
  std::string name;  // as in PlanFile
  uint32_t mode = 0600;
  UniqueFd content;  // sealed memfd
};

struct Start {
  std::string nonce;
  std::string spawn_uuid;
  std::string spawn_id;
  std::string correlation_id;
  std::string task_type;
  std::string traceparent;
  uint64_t ttl_ms = 0;
  uint64_t kill_grace_ms = 2000;
  uint64_t inline_output_bytes = 65536;
  std::string program;
  std::vector<PlanArg> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string cwd;
  std::optional<UniqueFd> stdin_content;  // sealed memfd; absent: /dev/null
  std::vector<StartFile> files;
  PlanLimits limits;  // since version 2
  std::vector<std::pair<std::string, std::string>>
      secret_env;  // since version 2; beside env, and never logged
};

struct Started {
  std::string nonce;
  std::string spawn_uuid;
  int32_t pid = 0;
  uint32_t uid = 0;
  int64_t started_at_us = 0;  // wall clock, since 1970
};

struct Refused {
  std::string nonce;
  std::string spawn_uuid;
  bool transient = false;
  std::string reason;
};

enum class End : uint8_t { kExited = 1, kSignalled, kTimeout, kKilled, kInterrupted, kSpawnError };

struct StreamEnd {
  std::string inline_bytes;
  uint64_t total_bytes = 0;
  std::string spool_file;
};

struct Finished {
  std::string nonce;
  std::string spawn_uuid;
  End end = End::kExited;
  int32_t exit_code = 0;
  int32_t signal = 0;
  std::string reason;
  int32_t pid = 0;            // what it was; 0: nothing was started
  int64_t started_at_us = 0;  // 0: nothing was started
  int64_t ended_at_us = 0;
  int64_t duration_us = 0;
  int64_t user_us = 0;
  int64_t system_us = 0;
  int64_t max_rss_kb =
      0;  // never less than the spawner itself had when it started this, as exec keeps that mark
  StreamEnd out;
  StreamEnd err;
  bool tree_empty = false;
  bool output_limit = false;  // since version 2; beside kKilled: for this and not by the host
};

struct Kill {
  std::string nonce;
  std::string reason;
};

struct Acknowledge {
  std::string nonce;
};

// Since version 2. As long as it is on, what the daughter writes is in its files of the spool at once, from
// the first byte, and Grown tells how much; else only what is more than the inline part is there.
struct Follow {
  std::string nonce;
  bool on = true;
};

// Bytes that the files of the spool have. At once after Follow, then whenever there are more, but not more
// often than a reader can tell. An end comes with Finished only.
struct Grown {
  std::string nonce;
  uint64_t out_bytes = 0;
  uint64_t err_bytes = 0;
};

// Says why the connection is about to be closed.
struct Fault {
  std::string reason;
};

using Message = std::variant<Hello, Welcome, Synced, Start, Started, Refused, Finished, Kill, Acknowledge,
                             Fault, Follow, Grown>;

// One packet with the descriptors that travel beside it.
struct Packet {
  std::string bytes;
  std::vector<UniqueFd> fds;
};

class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Takes over the descriptors of a Start. What does not fit into one packet (argv, environment, long inline
// output) moves into memfds. Throws ProtocolError for what cannot be sent: too many files, no memfd to be
// had.
Packet encode(Message message);

// Throws ProtocolError for a packet that is cut, lies about a length, lacks a needed field or has descriptors
// that are not sealed memfds. Never trusts the peer.
Message decode(Packet packet);

// A memfd with exactly these bytes, sealed against writing, growing and shrinking, at offset 0. `name` is for
// /proc only. Throws ProtocolError.
UniqueFd sealedMemfd(const char* name, std::string_view content);

// sendmsg/recvmsg of one packet on a non-blocking or blocking socket. sendPacket: false where the socket
// would block. receivePacket: nullopt where it would block; a Packet with empty bytes at the end of the
// connection. Both throw ProtocolError on errors. Descriptors arrive close-on-exec.
bool sendPacket(int socket, const Packet& packet);
std::optional<Packet> receivePacket(int socket);

}  // namespace vx11::spawner

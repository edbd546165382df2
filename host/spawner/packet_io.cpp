#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "spawner/protocol.hpp"

// Debian 12's headers are older than the flag (Linux 6.3).
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace vx11::spawner {

namespace {

constexpr size_t kMaxDescriptors = 253;  // SCM_MAX_FD

[[noreturn]] void fail(const char* what) {
  throw ProtocolError(std::string(what) + ": " + strerror(errno));
}

}  // namespace

UniqueFd sealedMemfd(const char* name, std::string_view content) {
  // With vm.memfd_noexec=2 only memfds that can never be executed are allowed; before Linux 6.3 the flag is
  // unknown.
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
  if (!fd && errno == EINVAL) fd.reset(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) fail("memfd_create");
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t put =
        pwrite(fd.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) fail("cannot write to a memfd");
    done += static_cast<size_t>(put);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    fail("cannot seal a memfd");
  }
  return fd;
}

bool sendPacket(int socket, const Packet& packet) {
  iovec part{const_cast<char*>(packet.bytes.data()), packet.bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMaxDescriptors * sizeof(int))> control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!packet.fds.empty()) {
    if (packet.fds.size() > kMaxDescriptors) throw ProtocolError("too many descriptors in one packet");
    const size_t size = packet.fds.size() * sizeof(int);
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(size);
    memset(control.data(), 0, message.msg_controllen);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    for (size_t i = 0; i < packet.fds.size(); ++i) {
      const int fd = packet.fds[i].get();
      memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof fd);
    }
  }
  for (;;) {
    if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0) return true;
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    fail("sendmsg");
  }
}

std::optional<Packet> receivePacket(int socket) {
  // Not initialised on purpose: only the pages that a packet fills are ever touched.
  char bytes[kMaxPacketBytes];
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMaxDescriptors * sizeof(int))> control;
  iovec part{bytes, sizeof bytes};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  for (;;) {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (size >= 0) break;
    // A peer that closed with unread packets resets the connection once; what it sent before is still to be
    // read.
    if (errno == EINTR || errno == ECONNRESET) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    fail("recvmsg");
  }

  Packet packet;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      packet.fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) throw ProtocolError("a packet is larger than 64 KiB");
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    throw ProtocolError("descriptors of a packet were lost: too many of them, or none left in this process");
  }
  packet.bytes.assign(bytes, static_cast<size_t>(size));
  return packet;
}

}  // namespace vx11::spawner

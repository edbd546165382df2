#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "spawner/fields.hpp"

namespace vx11::spawner {

namespace {

// Takes numbers and texts off the front; throws where the bytes end too early.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool atEnd() const { return rest_.empty(); }

  std::string_view take(size_t size) {
    if (size > rest_.size()) throw ProtocolError("the packet ends within a field");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <std::unsigned_integral Number>
  Number number() {
    uint64_t value = 0;
    const auto bytes = take(sizeof(Number));
    for (size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return static_cast<Number>(value);
  }

  std::string_view text() { return take(number<uint32_t>()); }

 private:
  std::string_view rest_;
};

void requireSealed(int fd) {
  // F_GET_SEALS works on memfds only, so this refuses files, pipes and devices too.
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) throw ProtocolError("a descriptor is not a sealed memfd");
}

std::string readAll(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw ProtocolError("a memfd cannot be examined");
  if (status.st_size < 0 || static_cast<uint64_t>(status.st_size) > kMaxFieldBytes) {
    throw ProtocolError("a field is larger than 64 MiB");
  }
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw ProtocolError("a memfd cannot be read");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace

FieldReader::FieldReader(Packet packet) : packet_(std::move(packet)) {
  Cursor cursor(packet_.bytes);
  if (cursor.take(4) != "VXSP") throw ProtocolError("the packet does not start with VXSP");
  framing_ = cursor.number<uint16_t>();
  type_ = cursor.number<uint16_t>();
  while (!cursor.atEnd()) {
    const auto tag = cursor.number<uint16_t>();
    const auto bytes = cursor.text();
    const auto plain = static_cast<uint16_t>(tag & ~kInMemfd);
    if (find(plain) != nullptr) throw ProtocolError("field " + std::to_string(plain) + " stands there twice");
    fields_.push_back({tag, bytes});
  }
}

const FieldReader::Field* FieldReader::find(uint16_t tag) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [tag](const Field& field) { return (field.tag & ~kInMemfd) == tag; });
  return found == fields_.end() ? nullptr : &*found;
}

UniqueFd FieldReader::takeDescriptor(uint32_t index) {
  if (index >= packet_.fds.size() || !packet_.fds[index]) {
    throw ProtocolError("a field names a descriptor that did not come along");
  }
  requireSealed(packet_.fds[index].get());
  return std::move(packet_.fds[index]);
}

std::string FieldReader::bytesOf(uint16_t tag) {
  const Field* field = find(tag);
  if (field == nullptr) return {};
  if ((field->tag & kInMemfd) == 0) return std::string(field->bytes);
  return readAll(takeDescriptor(Cursor(field->bytes).number<uint32_t>()).get());
}

std::optional<uint64_t> FieldReader::takeNumber(uint16_t tag, Presence presence) {
  const Field* field = find(tag);
  if (field == nullptr) {
    if (presence == Presence::kNeeded) throw ProtocolError("field " + std::to_string(tag) + " is missing");
    return std::nullopt;
  }
  if ((field->tag & kInMemfd) != 0 || field->bytes.size() != sizeof(uint64_t)) {
    throw ProtocolError("field " + std::to_string(tag) + " is not a number");
  }
  return Cursor(field->bytes).number<uint64_t>();
}

void FieldReader::text(uint16_t tag, std::string& value, Presence presence) {
  value = bytesOf(tag);
  if (value.empty() && presence == Presence::kNeeded) {
    throw ProtocolError("field " + std::to_string(tag) + " is missing");
  }
}

void FieldReader::args(uint16_t tag, std::vector<PlanArg>& args) {
  const std::string bytes = bytesOf(tag);
  Cursor cursor(bytes);
  while (!cursor.atEnd()) {
    PlanArg arg;
    arg.in_task_directory = cursor.number<uint8_t>() != 0;
    arg.text = cursor.text();
    args.push_back(std::move(arg));
  }
}

void FieldReader::pairs(uint16_t tag, std::vector<std::pair<std::string, std::string>>& pairs) {
  const std::string bytes = bytesOf(tag);
  Cursor cursor(bytes);
  while (!cursor.atEnd()) {
    const auto name = cursor.text();
    const auto value = cursor.text();
    pairs.emplace_back(name, value);
  }
}

void FieldReader::files(uint16_t tag, std::vector<StartFile>& files) {
  const std::string bytes = bytesOf(tag);
  Cursor cursor(bytes);
  while (!cursor.atEnd()) {
    StartFile file;
    file.mode = cursor.number<uint32_t>();
    file.content = takeDescriptor(cursor.number<uint32_t>());
    file.name = cursor.text();
    files.push_back(std::move(file));
    if (files.size() > kMaxFiles) throw ProtocolError("too many files travel with one start");
  }
}

void FieldReader::descriptor(uint16_t tag, std::optional<UniqueFd>& fd) {
  const Field* field = find(tag);
  if (field == nullptr) return;
  if (field->bytes.size() != sizeof(uint32_t)) throw ProtocolError("a descriptor's field has a wrong length");
  fd = takeDescriptor(Cursor(field->bytes).number<uint32_t>());
}

}  // namespace vx11::spawner

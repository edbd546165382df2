#include "spawner/daughters/system_v_ipc.hpp"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vx11::spawner {

namespace {

using Kind = SystemVObject::Kind;

struct List {
  Kind kind;
  const char* file;
  const char* id_column;
};

constexpr List kLists[] = {
    {Kind::kMemory, "/proc/sysvipc/shm", "shmid"},
    {Kind::kSemaphores, "/proc/sysvipc/sem", "semid"},
    {Kind::kQueue, "/proc/sysvipc/msg", "msqid"},
};

std::vector<std::string_view> wordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find(' ')));
    line.remove_prefix(words.back().size());
  }
}

template <class Number>
Number numberOf(std::string_view word) {
  Number number{};
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

std::optional<size_t> columnOf(const std::vector<std::string_view>& names, const char* name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

bool readLine(FILE* file, std::string& line) {
  line.clear();
  for (int c = fgetc(file); c != EOF; c = fgetc(file)) {
    if (c == '\n') return true;
    line += static_cast<char>(c);
  }
  return !line.empty();
}

void findIn(const List& list, const std::function<bool(uid_t)>& is_finished,
            std::vector<SystemVObject>& found) {
  // Absent where the kernel was built without System V IPC.
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(list.file, "re"), fclose);
  std::string header;
  if (!file || !readLine(file.get(), header)) return;
  const auto names = wordsOf(header);
  const auto id = columnOf(names, list.id_column);
  const auto owner = columnOf(names, "uid");
  const auto creator = columnOf(names, "cuid");
  const auto size = columnOf(names, "size");  // of memory alone
  if (!id || !owner || !creator) return;
  std::string line;
  while (readLine(file.get(), line)) {
    const auto words = wordsOf(line);
    if (words.size() < names.size()) continue;
    const SystemVObject object{list.kind, numberOf<int>(words[*id]), numberOf<uid_t>(words[*owner]),
                               numberOf<uid_t>(words[*creator]), size ? numberOf<uint64_t>(words[*size]) : 0};
    if (is_finished(object.owner) || is_finished(object.creator)) found.push_back(object);
  }
}

}  // namespace

std::vector<SystemVObject> findSystemV(const std::function<bool(uid_t)>& is_finished) {
  std::vector<SystemVObject> found;
  for (const auto& list : kLists) findIn(list, is_finished, found);
  return found;
}

bool removeSystemV(const SystemVObject& object) {
  int result = -1;
  switch (object.kind) {
    case Kind::kMemory:
      result = shmctl(object.id, IPC_RMID, nullptr);
      break;
    case Kind::kSemaphores:
      result = semctl(object.id, 0, IPC_RMID);
      break;
    case Kind::kQueue:
      result = msgctl(object.id, IPC_RMID, nullptr);
      break;
  }
  return result == 0 || errno == EINVAL || errno == EIDRM;  // gone meanwhile
}

}  // namespace vx11::spawner

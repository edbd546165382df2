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

#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

struct Kind {
  const char* list;
  const char* id_column;
  int (*remove)(int id);
};

constexpr Kind kKinds[] = {
    {"/proc/sysvipc/shm", "shmid", [](int id) { return shmctl(id, IPC_RMID, nullptr); }},
    {"/proc/sysvipc/sem", "semid", [](int id) { return semctl(id, 0, IPC_RMID); }},
    {"/proc/sysvipc/msg", "msqid", [](int id) { return msgctl(id, IPC_RMID, nullptr); }},
};

struct Object {
  int id = -1;
  uid_t owner = 0;
  uid_t creator = 0;
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

size_t removeKind(const Kind& kind, const std::function<bool(uid_t)>& is_finished, std::set<uid_t>& left) {
  // Absent where the kernel was built without System V IPC.
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(kind.list, "re"), fclose);
  std::string header;
  if (!file || !readLine(file.get(), header)) return 0;
  const auto names = wordsOf(header);
  const auto id = columnOf(names, kind.id_column);
  const auto owner = columnOf(names, "uid");
  const auto creator = columnOf(names, "cuid");
  if (!id || !owner || !creator) return 0;
  std::vector<Object> finished;
  std::string line;
  while (readLine(file.get(), line)) {
    const auto words = wordsOf(line);
    if (words.size() < names.size()) continue;
    const Object object{numberOf<int>(words[*id]), numberOf<uid_t>(words[*owner]),
                        numberOf<uid_t>(words[*creator])};
    if (is_finished(object.owner) || is_finished(object.creator)) finished.push_back(object);
  }
  size_t removed = 0;
  for (const auto& object : finished) {
    if (kind.remove(object.id) == 0) {
      ++removed;
    } else if (errno != EINVAL && errno != EIDRM) {  // gone meanwhile
      log::warning("ipc.left", {{"list", kind.list}, {"id", object.id}, {"reason", errnoText(errno)}});
      left.insert({object.owner, object.creator});
    }
  }
  return removed;
}

}  // namespace

size_t removeSystemVIpc(const std::function<bool(uid_t)>& is_finished, std::set<uid_t>& left) {
  size_t removed = 0;
  for (const auto& kind : kKinds) removed += removeKind(kind, is_finished, left);
  return removed;
}

}  // namespace vx11::spawner

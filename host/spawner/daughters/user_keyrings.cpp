#include "spawner/daughters/user_keyrings.hpp"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "spawner/daughters/vfork.hpp"

namespace vx11::spawner {

namespace {

struct ClearRequest {
  uid_t uid = 0;
  int error = 0;
};

// They are named by the real user id of who asks.
VX11_IN_CHILD int clearAsUser(void* argument) {
  auto& request = *static_cast<ClearRequest*>(argument);
  if (request.uid == 0 || syscall(SYS_setresuid, request.uid, request.uid, request.uid) != 0) {
    request.error = EPERM;
    return 1;
  }
  for (const int keyring : {KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING}) {
    if (syscall(SYS_keyctl, KEYCTL_CLEAR, keyring) != 0) request.error = errno;
  }
  return 0;
}

}  // namespace

std::set<uid_t> usersWithKeys() {
  std::set<uid_t> users;
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen("/proc/key-users", "re"), fclose);
  unsigned uid = 0;
  while (file && fscanf(file.get(), " %u:%*[^\n]", &uid) == 1) users.insert(uid);
  return users;
}

int clearUserKeyrings(uid_t uid) {
  ClearRequest request;
  request.uid = uid;
  const pid_t pid = vforkChild(clearAsUser, &request, 0, nullptr);
  if (pid < 0) return errno;
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) continue;
  return request.error;
}

}  // namespace vx11::spawner

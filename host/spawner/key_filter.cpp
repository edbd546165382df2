#include "spawner/key_filter.hpp"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace vx11::spawner {

namespace {

// A way to call the kernel, and the first of the three numbers there; they follow each other everywhere
// (arch/x86/entry/syscalls and include/uapi/asm-generic/unistd.h of the kernel).
struct CallTable {
  uint32_t architecture;
  uint32_t add_key;
};

#if defined(__x86_64__)
#define VX11_KNOWS_KEY_CALLS 1
constexpr std::array<CallTable, 2> kTables{{{AUDIT_ARCH_X86_64, 248}, {AUDIT_ARCH_I386, 286}}};
constexpr uint32_t kNumberBits = ~0x40000000U;  // without the mark of x32
#elif defined(__aarch64__)
#define VX11_KNOWS_KEY_CALLS 1
constexpr std::array<CallTable, 2> kTables{{{AUDIT_ARCH_AARCH64, 217}, {AUDIT_ARCH_ARM, 309}}};
constexpr uint32_t kNumberBits = ~0U;
#endif

#ifdef VX11_KNOWS_KEY_CALLS
static_assert(kTables[0].add_key == SYS_add_key && SYS_request_key == SYS_add_key + 1 &&
              SYS_keyctl == SYS_add_key + 2);

constexpr sock_filter load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

int install() {
  // Jumps count from the next instruction; the last two are "allow" and "refuse".
  const std::array<sock_filter, 12> program{{
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kTables[0].architecture, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kTables[1].architecture, 4, 7),
      load(offsetof(seccomp_data, nr)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kNumberBits),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kTables[0].add_key, 0, 4),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kTables[0].add_key + 2, 3, 4),
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kTables[1].add_key, 0, 1),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kTables[1].add_key + 2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  // Without the flag kernels before 5.16 slow down whatever runs below such a filter.
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) == 0 ? 0
                                                                                                     : errno;
}
#else
int install() {
  return ENOSYS;
}
#endif

}  // namespace

int forbidKeys() {
  // Who is not privileged may do so only for those who gain no privileges, as daughters never do.
  if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return install();
}

}  // namespace vx11::spawner

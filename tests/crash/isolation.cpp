#include "isolation.hpp"

#include <unistd.h>

#include "namespaces.hpp"
#include "setting.hpp"

namespace vx11::test {

namespace {

// Of nobody else, so that hostile programs have only each other to meet.
constexpr unsigned kOrdinaryUser = 1'900'002'990;

std::string whyNotOwnUids() {
  return geteuid() == 0 ? "" : "only root can give user ids";
}

void giveOwnUids(Daemon& daemon, const UidRange& uids) {
  daemon.set("tasks.uid_range", std::to_string(uids.first) + "-" + std::to_string(uids.last));
}

std::string whyNotSameUser() {
  return geteuid() == 0 ? whyNotAs(kOrdinaryUser) : "";
}

void runAsOrdinaryUser(Daemon& daemon, const UidRange&) {
  if (geteuid() == 0) startAs(daemon, kOrdinaryUser);
  daemon.set("tasks.namespaces", "false");
}

std::string whyNotNamespaces() {
  const auto why = whyNotSameUser();
  if (!why.empty() || namespacesWork(kOrdinaryUser)) return why;
  return "needs user namespaces for ordinary users, and Landlock of ABI 2";
}

void runInNamespaces(Daemon& daemon, const UidRange&) {
  if (geteuid() == 0) startAs(daemon, kOrdinaryUser);
}

}  // namespace

const std::vector<Isolation>& isolations() {
  static const std::vector<Isolation> kAll{
      {"own-uid", true, whyNotOwnUids, giveOwnUids},
      {"same-user", false, whyNotSameUser, runAsOrdinaryUser},
      {"namespace", false, whyNotNamespaces, runInNamespaces},
  };
  return kAll;
}

std::vector<std::string> isolationNames() {
  std::vector<std::string> names;
  for (const auto& isolation : isolations()) names.emplace_back(isolation.name);
  return names;
}

}  // namespace vx11::test

#include "api/backup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <mutex>

#include "api/encode.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "store/backup.hpp"

namespace vx11::api {

http::Response makeBackup(const Services& services, const http::Request&) {
  static std::mutex one_at_a_time;
  const std::unique_lock lock(one_at_a_time, std::try_to_lock);
  if (!lock)
    throw Error(ErrorCode::kConflict, "a backup is being made at this moment", "ask again when it is done");
  const auto state = services.database_file.parent_path();
  const auto folder = state / "backups";
  mkdir(folder.c_str(), 0700);  // what is wrong with it the backup finds out
  auto name = isoTime(wallNow());
  std::replace(name.begin(), name.end(), ':', '-');  // for tar(1), and for scp(1)
  const auto backup = store::makeBackup(state, folder / name);
  log::info("backup.made",
            {{"path", backup.path.string()}, {"spawns", backup.spawns}, {"outputs", backup.outputs}});
  auto body = json::newObject();
  body->set("name", name);
  body->set("path", backup.path.string());
  body->set("spawns", static_cast<Poco::Int64>(backup.spawns));
  body->set("outputs", static_cast<Poco::Int64>(backup.outputs));
  body->set("database_bytes", static_cast<Poco::UInt64>(backup.database_bytes));
  return answer(body);
}

}  // namespace vx11::api

#include "store/storage_error.hpp"

#include <string_view>

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/SQLiteException.h>

namespace vx11::store {

namespace sqlite = Poco::Data::SQLite;

namespace {

template <class Kind>
bool is(const Poco::Exception& e) {
  return dynamic_cast<const Kind*>(&e) != nullptr;
}

Error constraintError(const std::string& message) {
  constexpr std::string_view kUnique = "UNIQUE constraint failed: ";
  const auto at = message.find(kUnique);
  if (at == std::string::npos) return {ErrorCode::kInternal, "The database refused a row: " + message};
  return {ErrorCode::kConflict, "The value of " + message.substr(at + kUnique.size()) + " is taken already."};
}

}  // namespace

Error storageError(const Poco::Exception& cause, const std::filesystem::path& file) {
  // Poco gives the exception class only, no code (poco-data 1.11), and SQLite's words in message().
  const std::string name = "The database " + file.string();
  const std::string why = " (SQLite: " + cause.message() + ")";
  const auto storage = [&](const std::string& sentence) {
    return Error(ErrorCode::kStorage, name + sentence + why);
  };

  if (is<sqlite::ConstraintViolationException>(cause)) return constraintError(cause.message());
  if (is<sqlite::DatabaseFullException>(cause)) {
    return storage(" cannot grow: its disk is full. Free some space; no restart is needed.");
  }
  if (is<sqlite::IOErrorException>(cause)) {
    return storage(" cannot be read or written. Look for a full or failing disk, or a limit on file sizes.");
  }
  if (is<sqlite::DBLockedException>(cause) || is<sqlite::TableLockedException>(cause)) {
    return storage(" is locked by another process. End it, or its open transaction, and try again.");
  }
  if (is<sqlite::ReadOnlyException>(cause)) {
    return storage(" is read-only. Let this user write the file and its directory.");
  }
  if (is<sqlite::CantOpenDBFileException>(cause) || is<Poco::Data::ConnectionFailedException>(cause)) {
    return storage(" cannot be opened. Its directory must exist and be writable for this user.");
  }
  if (is<sqlite::CorruptImageException>(cause)) {
    return storage(" is damaged or no SQLite database. Move it away, or put a backup in its place.");
  }
  if (is<sqlite::NoMemoryException>(cause)) return storage(" has no memory left to work with.");
  if (is<sqlite::LockProtocolException>(cause) || is<sqlite::DBAccessDeniedException>(cause)) {
    return storage(" cannot be locked. Put the state directory on a local disk that this user owns.");
  }
  return {ErrorCode::kInternal, name + " refused a statement: " + cause.displayText()};
}

}  // namespace vx11::store

// The schema, as numbered steps that are only ever appended to. A step that was released is never edited.
#pragma once

#include <filesystem>

namespace vx11::store {

class WriteSession;

// The schema that this program makes and understands: PRAGMA user_version after migrate().
int schemaVersion();

// Applies the steps that are missing, each with its version number in one transaction. Throws Error{kStorage}
// where the database is newer than this program, or holds other tables.
void migrate(WriteSession& session, const std::filesystem::path& file);

}  // namespace vx11::store

#include <parley/log/execute.h>
#include <parley/log/read/message_texts.h>
#include <parley/log/sql_lists.h>

#include <string>

namespace parley {
namespace {

const std::string kTexts =
    "SELECT position, content FROM event WHERE position > ? AND position <= ?"
    " AND content IS NOT NULL AND type IN " +
    sqlTypes(EventKind::message) + " ORDER BY position";

}  // namespace

Result<void> messageTexts(Database& db, Position after, Position upTo,
                          const TakeMessageText& take) {
    return db.run([&] {
        SQLite::Statement row(db.sqlite(), kTexts);
        bindNumbers(row, after.value, upTo.value);
        while (row.executeStep()) {
            const auto content = row.getColumn(1);
            const std::string_view text(static_cast<const char*>(content.getBlob()),
                                        static_cast<std::size_t>(content.getBytes()));
            if (!take({row.getColumn(0).getInt64()}, text)) return;
        }
    });
}

}  // namespace parley

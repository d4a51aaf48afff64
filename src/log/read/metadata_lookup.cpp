#include <parley/log/read/metadata_lookup.h>
#include <parley/log/statement_reset.h>

namespace parley {

MetadataLookup::MetadataLookup(Database& db)
    : db_(db), hasAny_(db.sqlite(), "SELECT data <> '{}' FROM event WHERE position = ?") {}

Result<bool> MetadataLookup::hasAny(Position position) {
    return db_.query([&] {
        const StatementReset guard(hasAny_);
        hasAny_.bind(1, position.value);
        return hasAny_.executeStep() && hasAny_.getColumn(0).getInt() != 0;
    });
}

}  // namespace parley

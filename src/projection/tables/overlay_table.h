#pragma once

#include "projection/tables/view_change.h"

#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <array>

namespace parley {

/// Table `message_overlay`: what later events changed about a message. Messages themselves are read
/// from the log.
class OverlayTable {
public:
    static constexpr std::array kTables{ViewTable{"message_overlay", "position", 65'536}};

    explicit OverlayTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement share_;
};

}  // namespace parley

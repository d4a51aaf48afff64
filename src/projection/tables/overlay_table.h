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
    static constexpr int kVersion = 0;

    explicit OverlayTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement share_;
};

inline OverlayTable::OverlayTable(SQLite::Database& db)
    : share_(db,
             "INSERT INTO message_overlay (position, shared_position)"
             " SELECT position, ?2 FROM event WHERE id = ?1 ON CONFLICT DO NOTHING") {}

inline void OverlayTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type != EventType::messageShared || !event.original) return;
    share_.reset();
    share_.bindNoCopy(1, event.original->bytes().data(), 16);
    share_.bind(2, event.position.value);
    share_.exec();
    share_.reset();
}

}  // namespace parley

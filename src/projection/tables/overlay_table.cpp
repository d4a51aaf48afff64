#include "projection/tables/overlay_table.h"

namespace parley {

OverlayTable::OverlayTable(SQLite::Database& db)
    : share_(db,
             "INSERT INTO message_overlay (position, shared_position)"
             " SELECT position, ?2 FROM event WHERE id = ?1 ON CONFLICT DO NOTHING") {}

void OverlayTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type != EventType::messageShared || !event.original) return;
    share_.reset();
    share_.bindNoCopy(1, event.original->bytes().data(), 16);
    share_.bind(2, event.position.value);
    share_.exec();
    share_.reset();
}

}  // namespace parley

#pragma once

#include "projection/tables/view_change.h"

#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <optional>

namespace parley {

/// Table `participant`: one row for each user who takes part or took part in a conversation.
class ParticipantTable {
public:
    static constexpr std::array kTables{ViewTable{"participant", "conversation", 4096}};

    explicit ParticipantTable(SQLite::Database& db);
    /// The actor's stay in the event's conversation; nothing where they take no part.
    std::optional<Stay> stayOf(const FoldableEvent& event);
    void apply(const ViewChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement stay_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
};

}  // namespace parley

#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <unordered_map>

namespace parley {

/// Table `conversation`: one row for each that was started, with its figures. Counts and times are
/// gathered, and written once for each conversation.
class ConversationTable {
public:
    static constexpr std::array kTables{ViewTable{"conversation", "conversation", 4096}};

    explicit ConversationTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { pending_.clear(); }
    std::size_t gathered() const { return pending_.size(); }

private:
    // Counts are what is to be added; a time or seq of 0 changes nothing.
    struct Pending {
        ConversationFigures all;
        ConversationFigures customers;
    };

    std::unordered_map<ConversationKey, Pending> pending_;
    SQLite::Statement start_;
    SQLite::Statement update_;
};

}  // namespace parley

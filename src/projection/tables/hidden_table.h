#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <map>
#include <utility>

namespace parley {

/// Table `hidden_by_author`: what each author wrote in a conversation that customers may not see.
class HiddenTable {
public:
    static constexpr std::array kTables{ViewTable{"hidden_by_author", "conversation", 4096}};

    explicit HiddenTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { pending_.clear(); }
    std::size_t gathered() const { return pending_.size(); }

private:
    using Author = std::pair<ConversationKey, UserKey>;

    std::map<Author, HiddenMessages> pending_;  // the count is what is to be added
    SQLite::Statement hide_;
};

}  // namespace parley

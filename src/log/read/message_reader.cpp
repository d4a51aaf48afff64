#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/message_reader.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <cstdint>

namespace parley {

MessageReader::MessageReader(Database& db, ConversationSeqs& seqs)
    : db_(db),
      seqs_(seqs),
      newestFirst_(db.sqlite(), event_row::kSelectMessages + " DESC"),
      oldestFirst_(db.sqlite(), event_row::kSelectMessages),
      head_(db.sqlite(), "SELECT coalesce(max(position), 0) FROM event") {}

Result<PageRead> MessageReader::read(ConversationKey conversation, const MessagePage& page,
                                     const Viewer& viewer, const TakeMessage& take) {
    Seq end{INT64_MAX};
    Seq start;
    const Position behind{page.upTo ? page.upTo->value + 1 : INT64_MAX};
    const Position bound = std::min(page.before.value_or(behind), behind);
    if (page.before || page.upTo) {
        PARLEY_TRY_ASSIGN(const Seq last, seqs_.lastBefore(conversation, bound));
        end = {last.value + 1};
    }
    if (page.after) {
        PARLEY_TRY_ASSIGN(start, seqs_.lastBefore(conversation, {page.after->value + 1}));
    }
    return db_.query([&]() -> Result<PageRead> {
        PageRead read;
        auto& rows = page.forward() ? oldestFirst_ : newestFirst_;
        const StatementReset guard(rows);
        bindNumbers(rows, conversation.value, end.value, start.value);
        for (int taken = 0; read.end == PageEnd::reached && rows.executeStep();) {
            if (!event_row::isShown(rows, viewer)) continue;
            if (read.skipped < page.offset) {
                ++read.skipped;
                continue;
            }
            PARLEY_TRY_ASSIGN(const Event event, event_row::currentEvent(rows));
            if (!take(event)) {
                read.end = PageEnd::refused;
            } else if (++taken == page.limit) {
                read.end = PageEnd::limit;
            }
        }
        return read;
    });
}

Result<Position> MessageReader::head() {
    return db_.query([&] { return Position{numberFrom(head_).value_or(0)}; });
}

}  // namespace parley

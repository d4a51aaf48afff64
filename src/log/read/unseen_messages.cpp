#include "log/event_row.h"

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/unseen_messages.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <string>
#include <utility>

namespace parley {
namespace {

// Of a text as clients are sent it. `scratch`: memory that is used again.
std::size_t encodedBytes(const SQLite::Column& text, std::string& scratch) {
    scratch.clear();
    const auto bytes = static_cast<std::size_t>(text.getBytes());
    appendJsonString(scratch, {text.getText(), bytes});
    return scratch.size();
}

}  // namespace

UnseenReader::UnseenReader(Database& db, ConversationSeqs& seqs)
    : db_(db), seqs_(seqs), newestFirst_(db.sqlite(), event_row::kSelectMessages + " DESC") {}

Result<UnseenMessages> UnseenReader::after(ConversationKey conversation, Seq after,
                                           const Viewer& viewer, std::optional<Position> upTo) {
    PARLEY_TRY_ASSIGN(const Seq last, end(conversation, upTo));
    const Seq from{std::max(after.value, last.value - limits::kUnseenSeqsMax)};
    return db_.query([&]() -> Result<UnseenMessages> {
        UnseenMessages unseen{{}, from > after};
        auto& messages = unseen.messages;
        const StatementReset guard(newestFirst_);
        bindNumbers(newestFirst_, conversation.value, last.value + 1, from.value);
        std::size_t bytes = 0;
        std::string scratch;
        while (newestFirst_.executeStep()) {
            if (!event_row::isShown(newestFirst_, viewer)) continue;
            bytes += encodedBytes(newestFirst_.getColumn(event_row::kContent), scratch);
            const bool full = messages.size() == limits::kUnseenMessagesMax ||
                              (!messages.empty() && bytes > limits::kUnseenBytesMax);
            if (full) {
                unseen.more = true;
                break;
            }
            PARLEY_TRY_ASSIGN(auto message, event_row::currentEvent(newestFirst_));
            messages.push_back(std::move(message));
        }
        std::reverse(messages.begin(), messages.end());
        return unseen;
    });
}

Result<Seq> UnseenReader::last(ConversationKey conversation, const Viewer& viewer, Position upTo) {
    PARLEY_TRY_ASSIGN(const Seq last, end(conversation, upTo));
    return db_.query([&]() -> Result<Seq> {
        const StatementReset guard(newestFirst_);
        bindNumbers(newestFirst_, conversation.value, last.value + 1,
                    last.value - limits::kUnseenSeqsMax);
        while (newestFirst_.executeStep()) {
            if (!event_row::isShown(newestFirst_, viewer)) continue;
            PARLEY_TRY_ASSIGN(const auto message, event_row::currentEvent(newestFirst_));
            return message.seq;
        }
        return Seq{};
    });
}

// The seq of the last event that may be told of.
Result<Seq> UnseenReader::end(ConversationKey conversation, std::optional<Position> upTo) {
    return upTo ? seqs_.lastBefore(conversation, {upTo->value + 1}) : seqs_.last(conversation);
}

}  // namespace parley

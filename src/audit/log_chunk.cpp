#include "audit/log_chunk.h"

#include <parley/core/try.h>
#include <parley/log/log_head.h>
#include <parley/log/read/fold_scan.h>
#include <parley/log/read/key_texts.h>

#include <algorithm>
#include <optional>

namespace parley::audit {
namespace {

// The chunk ends with the message that is one too many bytes.
Result<void> readEvents(Database& log, Position from, int limit, LogChunk& chunk) {
    std::size_t bytes = 0;
    const auto take = [&](const FoldableEvent& event, std::optional<std::string_view> text) {
        chunk.events.push_back(event);
        if (!text) return true;
        chunk.messages.emplace_back(event.position, *text);
        bytes += text->size();
        return bytes < kChunkBytes;
    };
    PARLEY_TRY(scanWithTexts(log, from, limit, take));
    return {};
}

void reach(LogChunk& chunk) {
    auto& reached = chunk.reached;
    for (const auto& event : chunk.events) {
        reached.conversation = std::max(reached.conversation, event.conversationKey);
        reached.user = std::max(reached.user, event.actorKey);
    }
    reached.position = chunk.events.back().position;
}

// Only numbers of these events: others, which the same snapshot may show, come with theirs.
Result<void> readTexts(Database& log, const Reached& from, LogChunk& chunk) {
    PARLEY_TRY(conversationTexts(log, from.conversation, chunk.reached.conversation,
                                 [&](ConversationKey key, std::string_view id) {
                                     chunk.conversations.emplace_back(key, id);
                                 }));
    return userTexts(log, from.user, chunk.reached.user,
                     [&](UserKey key, std::string_view id) { chunk.users.emplace_back(key, id); });
}

Result<void> readAll(Database& log, const Reached& from, int limit, LogChunk& chunk) {
    PARLEY_TRY(readEvents(log, from.position, limit, chunk));
    if (chunk.events.empty()) return {};
    reach(chunk);
    PARLEY_TRY(readTexts(log, from, chunk));
    PARLEY_TRY_ASSIGN(const auto head, readHeadAt(log, chunk.reached.position));
    if (!head) return Error{ErrorCode::storage_damaged, "the log lost an event while it was read"};
    chunk.reached.hash = head->hash;
    return {};
}

}  // namespace

Result<void> readChunk(Database& log, const Reached& from, int limit, LogChunk& chunk) {
    chunk.events.clear();
    chunk.conversations.clear();
    chunk.users.clear();
    chunk.messages.clear();
    chunk.reached = from;
    PARLEY_TRY(log.run([&] { log.sqlite().exec("BEGIN"); }));
    auto done = readAll(log, from, limit, chunk);
    log.rollback();
    return done;
}

}  // namespace parley::audit

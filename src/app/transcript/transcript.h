#pragma once

#include "app/transcript/page.h"

#include <parley/core/result.h>
#include <parley/domain/roles.h>
#include <parley/log/database.h>
#include <parley/projection/as_of.h>

#include <functional>
#include <optional>
#include <string>

namespace parley::app::transcripts {

/// What a transcript is to be of.
struct TranscriptOrder {
    ConversationId conversation;
    std::optional<AsOf> asOf;      ///< nothing: up to the log's end
    std::optional<UserId> viewer;  ///< nothing: everything is shown
    std::optional<UserRole> role;  ///< nothing: the one that the viewer had last
    std::string by;                ///< who makes it, for its head
    UnixMillis now;                ///< when, likewise
    bool positions = false;        ///< positions and hashes of all entries
};

/// Writes the transcript of a conversation, piece by piece, up to the log's head when it begins, or
/// up to the moment that was asked for; reads the conversation twice, in short transactions.
/// Refuses as exports::ExportedEvents and momentOf do; with `conversation_not_found` where there
/// was no such conversation yet, or the viewer may see nothing of it; with what `write` refuses.
Result<void> writeTranscript(Database& db, const TranscriptOrder& order, const TimeZone& zone,
                             Page& page,
                             const std::function<Result<void>(std::string_view)>& write);

}  // namespace parley::app::transcripts

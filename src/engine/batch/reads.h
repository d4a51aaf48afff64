#pragma once

#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/event_lookup.h>
#include <parley/log/read/unseen_messages.h>
#include <parley/projection/overlay_reader.h>
#include <parley/projection/relation_reader.h>
#include <parley/projection/state_reader.h>

namespace parley {

/// What the writer reads on its own connection: it sees what the open transaction has stored.
struct WriterReads {
    /// The database outlives it. Throws SQLite::Exception: construct inside Database::run.
    explicit WriterReads(Database& db)
        : events(db), seqs(db), unseen(db, seqs), states(db, seqs), overlay(db), relations(db) {}

    EventLookup events;
    ConversationSeqs seqs;
    UnseenReader unseen;
    StateReader states;
    OverlayReader overlay;
    RelationReader relations;
};

}  // namespace parley

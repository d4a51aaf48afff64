#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/roles.h>
#include <parley/log/read/stored_event.h>

#include <optional>
#include <string>
#include <vector>

namespace parley::app::transcripts {

/// What a transcript shows of one event: something that was written, or a sentence about something
/// that happened.
struct Entry {
    Position position;
    UnixMillis at;
    Digest hash{};
    std::string author;                  ///< of something written
    std::string role;                    ///< likewise: "cx-agent"
    std::vector<std::string> marks;      ///< what is to be known of it: "not shown to customers"
    std::optional<std::string> written;  ///< as it was typed
    std::string happened;                ///< where nothing was written
};

/// The entry of an event; nothing for typing, which no transcript shows.
std::optional<Entry> entryOf(const StoredEvent& stored);

/// A start's title or description; empty where it has none.
std::string startText(const Event& started, const char* field);

/// What stands at the head of a transcript.
struct Head {
    std::string conversation;
    std::string title;        ///< empty: it has none
    std::string description;  ///< likewise
    std::string by;           ///< who made it
    UnixMillis madeAt;
    Position through;  ///< up to which event of the log
    UnixMillis throughAt;
    Digest throughHash{};
    std::string viewer;  ///< through whose eyes; empty: everything
    std::string role;    ///< of the viewer, where it was said
    std::int64_t messages = 0;
    std::int64_t withheld = 0;        ///< messages that the viewer may not see
    std::int64_t emptied = 0;         ///< events of which retention has emptied something
    std::vector<std::string> people;  ///< "anna (cx-customer)", by their first event
    bool positions = false;           ///< positions and hashes stand in the margin
};

}  // namespace parley::app::transcripts

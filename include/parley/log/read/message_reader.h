#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/message_page.h>

#include <functional>

namespace parley {

/// Takes a message of a page, the next one from where the page begins. The reference lives until it
/// returns. False: the page has no room for it, and ends. Must not use the reader that calls it.
using TakeMessage = std::function<bool(const Event&)>;

/// How far reading a page came.
struct PageRead {
    PageEnd end = PageEnd::reached;
    int skipped = 0;  ///< of MessagePage::offset
};

/// Reads a conversation's messages for a client, through a viewer's eyes. Hidden messages that are
/// passed over cost as much as those that are shown. One thread at a time.
class MessageReader {
public:
    /// REQUIRES: `db` has the log's tables; `db` and `seqs`, of the same connection, outlive this.
    /// Throws SQLite::Exception where the schema is damaged: call inside Database::run.
    MessageReader(Database& db, ConversationSeqs& seqs);

    /// Hands `take` the messages of a page that `viewer` may see: the newest first, the oldest
    /// first where the page goes forward. One read transaction, unless the caller has opened one,
    /// held while `take` runs. Refuses as
    /// Database::query does (`read_timeout` where it was cut off), and with `storage_damaged` what
    /// this program does not know; what was handed out before is then no page.
    Result<PageRead> read(ConversationKey conversation, const MessagePage& page,
                          const Viewer& viewer, const TakeMessage& take);
    /// The position of the log's last event; 0: the log is empty. Where a page is to be of that
    /// very moment, the caller opens a read transaction around this and `read`.
    Result<Position> head();

private:
    Database& db_;
    ConversationSeqs& seqs_;
    SQLite::Statement newestFirst_;
    SQLite::Statement oldestFirst_;
    SQLite::Statement head_;
};

}  // namespace parley

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/event_log.h>

namespace parley {
namespace {

constexpr const char* kInsert =
    "INSERT INTO event (position, conversation, seq, type, version, at, actor, role, id,"
    " message_type, to_role, visible, client_message_id, original, cause, data, content, salt,"
    " hash) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)";

// The same, and what only an event has that was stored before.
constexpr const char* kRestore =
    "INSERT INTO event (position, conversation, seq, type, version, at, actor, role, id,"
    " message_type, to_role, visible, client_message_id, original, cause, data, content, salt,"
    " hash, key, commitment) VALUES"
    " (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)";

template <typename T>
void bindNumber(SQLite::Statement& statement, int index, const std::optional<T>& value) {
    if (value) {
        statement.bind(index, static_cast<int>(*value));
    } else {
        statement.bind(index);
    }
}

void bindBytes(SQLite::Statement& statement, int index, std::span<const std::uint8_t> bytes) {
    statement.bindNoCopy(index, bytes.data(), static_cast<int>(bytes.size()));
}

// REQUIRES: all of it outlives the statement's step.
void bindRow(SQLite::Statement& row, const Event& event, const std::optional<Salt>& salt,
             const Digest& hash) {
    row.bind(1, event.position.value);
    row.bind(2, event.conversationKey.value);
    row.bind(3, event.seq.value);
    row.bind(4, static_cast<int>(event.type));
    row.bind(5, static_cast<int>(event.version));
    row.bind(6, event.at.value);
    row.bind(7, event.actorKey.value);
    bindNumber(row, 8, event.role);
    bindBytes(row, 9, event.id.bytes());
    bindNumber(row, 10, event.messageType);
    bindNumber(row, 11, event.toRole);
    bindNumber(row, 12, event.visible);
    if (event.clientMessageId) {
        row.bindNoCopy(13, event.clientMessageId->str());
    } else {
        row.bind(13);
    }
    if (event.original) {
        bindBytes(row, 14, event.original->bytes());
    } else {
        row.bind(14);
    }
    if (event.cause.empty()) {
        row.bind(15);
    } else {
        row.bindNoCopy(15, event.cause);
    }
    row.bindNoCopy(16, event.data);
    if (event.content) {
        row.bindNoCopy(17, *event.content);
    } else {
        row.bind(17);
    }
    if (salt) {
        bindBytes(row, 18, *salt);
    } else {
        row.bind(18);
    }
    bindBytes(row, 19, hash);
}

}  // namespace

EventLog::EventLog(Database& db, Random& random, const LogHead& head)
    : db_(db),
      random_(random),
      head_(head),
      committedHead_(head),
      conversations_(db.sqlite(), "conversation_key", limits::kInternedIdsCachedMax),
      users_(db.sqlite(), "user_key", limits::kInternedIdsCachedMax),
      insert_(db.sqlite(), kInsert) {}

Result<std::unique_ptr<EventLog>> EventLog::open(Database& db, Random& random) {
    PARLEY_TRY_ASSIGN(const auto head, readHead(db));
    return db.query([&] { return std::unique_ptr<EventLog>(new EventLog(db, random, head)); });
}

Result<void> EventLog::append(std::span<Event> events) {
    auto done = db_.run([&] {
        for (auto& event : events) insert(event);
    });
    if (!done) insert_.tryReset();
    return done;
}

void EventLog::insert(Event& event) {
    event.position = {head_.position.value + 1};
    giveKeys(event);

    std::optional<Salt> salt;
    std::string_view saltBytes;
    if (event.content) {
        random_.fill(salt.emplace());
        saltBytes = bytesOf(*salt);
    }
    const std::string_view content = event.content ? *event.content : std::string_view();
    const auto commitment = chain_.commitment(event.data, saltBytes, content);
    const auto hash = chain_.hash(head_.hash, event, std::nullopt, commitment);

    bindRow(insert_, event, salt, hash);
    insert_.exec();
    insert_.reset();

    event.fingerprint = fingerprintOf(hash);
    head_ = {event.position, event.at, event.id, hash};
}

void EventLog::giveKeys(Event& event) {
    if (event.conversationKey.value == 0) {
        event.conversationKey = conversations_.intern(event.conversation);
    }
    if (event.actorKey.value == 0) event.actorKey = users_.intern(event.actor);
}

Result<void> EventLog::intern(Event& event) {
    return db_.run([&] { giveKeys(event); });
}

Result<void> EventLog::restore(const StoredEvent& stored) {
    auto done = db_.run([&] {
        if (!restore_) restore_.emplace(db_.sqlite(), kRestore);
        bindRow(*restore_, stored.event, stored.salt, stored.hash);
        if (stored.key) {
            restore_->bind(20, *stored.key);
        } else {
            restore_->bind(20);
        }
        if (stored.commitment) {
            bindBytes(*restore_, 21, *stored.commitment);
        } else {
            restore_->bind(21);
        }
        restore_->exec();
        restore_->reset();
        const Event& event = stored.event;
        head_ = {event.position, event.at, event.id, stored.hash};
    });
    if (!done && restore_) restore_->tryReset();
    return done;
}

Result<void> EventLog::tryCommit() {
    auto done = db_.begin();
    if (done) {
        done = db_.run([this] {
            // An UPDATE to the same values would write nothing; this writes the first page.
            const auto version = db_.sqlite().execAndGet("PRAGMA user_version").getString();
            db_.sqlite().exec("PRAGMA user_version = " + version);
        });
    }
    if (done) done = db_.commit();
    if (!done) db_.rollback();
    return done;
}

Result<std::optional<ConversationKey>> EventLog::find(const ConversationId& conversation) {
    return db_.query([&] { return conversations_.find(conversation); });
}

Result<std::optional<UserKey>> EventLog::find(const UserId& user) {
    return db_.query([&] { return users_.find(user); });
}

void EventLog::rolledBack() {
    head_ = committedHead_;
    conversations_.forget();
    users_.forget();
}

}  // namespace parley

#include "audit/audit_file.h"

#include <parley/audit/schema.h>
#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/execute.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>
#include <parley/log/read/key_texts.h>
#include <parley/log/verify.h>

#include <algorithm>
#include <optional>

namespace parley::audit {
namespace {

Error unusable(const std::string& why) {
    return {ErrorCode::storage_damaged, "audit.db " + why};
}

// What the log's words would advise, such as to restore a backup, does not hold for a file that is
// built anew.
Result<std::unique_ptr<Database>> openCurrent(const std::filesystem::path& file,
                                              const Clock& clock) {
    auto db = Database::openWriter(file, Synchronous::normal, schema());
    auto done = db ? migrate(**db, clock) : Result<void>(db.error());
    if (done) return db;
    if (done.error().code != ErrorCode::storage_damaged) return done.error();
    return unusable("is damaged, or another version of the program made it");
}

// A large file is not read as a whole at each start: damage in it is found when it is met.
Result<void> checkStructure(Database& db) {
    PARLEY_TRY_ASSIGN(const auto bytes, db.query([&] {
        return db.sqlite().execAndGet("PRAGMA page_count").getInt64() *
               db.sqlite().execAndGet("PRAGMA page_size").getInt64();
    }));
    if (bytes > limits::kStructureCheckedAtStartBytesMax) return {};
    PARLEY_TRY_ASSIGN(const auto finding, verifyStructure(db, false));
    return finding ? Result<void>(unusable("is damaged: " + *finding)) : Result<void>();
}

std::int64_t highest(Database& db, const char* table) {
    return db.sqlite()
        .execAndGet(std::string("SELECT coalesce(max(key), 0) FROM ") + table)
        .getInt64();
}

std::string textOf(Database& db, const char* table, std::int64_t key) {
    SQLite::Statement row(db.sqlite(), std::string("SELECT id FROM ") + table + " WHERE key = ?");
    bindNumbers(row, key);
    return row.executeStep() ? row.getColumn(0).getString() : std::string();
}

template <typename Key>
void insert(SQLite::Statement& statement, Key key, const std::string& id) {
    const StatementReset guard(statement);
    statement.bind(1, key.value);
    statement.bindNoCopy(2, id);
    statement.exec();
}

}  // namespace

AuditFile::AuditFile(std::unique_ptr<Database> db)
    : db_(std::move(db)),
      fold_(db_->sqlite()),
      conversation_(db_->sqlite(), "INSERT INTO conversation_text (key, id) VALUES (?1, ?2)"),
      user_(db_->sqlite(), "INSERT INTO user_text (key, id) VALUES (?1, ?2)"),
      follower_(db_->sqlite(), "UPDATE follower SET position = ?1, at = ?2, head_hash = ?3") {}

Result<std::unique_ptr<AuditFile>> AuditFile::open(const std::filesystem::path& file, Database& log,
                                                   const Clock& clock) {
    PARLEY_TRY_ASSIGN(auto db, openCurrent(file, clock));
    PARLEY_TRY(checkStructure(*db));
    std::unique_ptr<AuditFile> opened;
    // A missing table is damage, whatever SQLite calls it.
    if (!guarded([&] { opened.reset(new AuditFile(std::move(db))); })) {
        return unusable("lacks a table or a column");
    }
    PARLEY_TRY(opened->readReached());
    PARLEY_TRY(opened->follows(log));
    // What was folded once is small; the page cache is not to grow with the file.
    PARLEY_TRY(opened->db_->run([&] {
        opened->db_->sqlite().exec("PRAGMA cache_size = -16384; PRAGMA secure_delete = ON");
    }));
    opened->db_->allowCheckpointAtClose();
    return opened;
}

Result<void> AuditFile::readReached() {
    return db_->query([&]() -> Result<void> {
        SQLite::Statement row(db_->sqlite(), "SELECT position, head_hash FROM follower");
        if (!row.executeStep()) return unusable("does not say how far it has come");
        reached_.position = {row.getColumn(0).getInt64()};
        const auto hash = row.getColumn(1);
        if (hash.getBytes() != static_cast<int>(reached_.hash.size())) {
            return unusable("has a hash of another size");
        }
        std::copy_n(static_cast<const std::uint8_t*>(hash.getBlob()), reached_.hash.size(),
                    reached_.hash.begin());
        reached_.conversation = {highest(*db_, "conversation_text")};
        reached_.user = {highest(*db_, "user_text")};
        return {};
    });
}

// The hash covers all that the log says up to there, but not the numbers of its ids.
Result<void> AuditFile::follows(Database& log) {
    if (reached_.position.value == 0) return {};
    PARLEY_TRY_ASSIGN(const auto head, readHeadAt(log, reached_.position));
    if (!head || head->hash != reached_.hash) return unusable("is of another log");
    std::string conversation;
    std::string user;
    PARLEY_TRY(conversationTexts(log, {reached_.conversation.value - 1}, reached_.conversation,
                                 [&](ConversationKey, std::string_view id) { conversation = id; }));
    PARLEY_TRY(userTexts(log, {reached_.user.value - 1}, reached_.user,
                         [&](UserKey, std::string_view id) { user = id; }));
    return db_->query([&]() -> Result<void> {
        if (textOf(*db_, "conversation_text", reached_.conversation.value) != conversation ||
            textOf(*db_, "user_text", reached_.user.value) != user) {
            return unusable("has other numbers for its ids than the log");
        }
        return {};
    });
}

Result<void> AuditFile::write(const LogChunk& chunk) {
    PARLEY_TRY(db_->begin());
    auto done = db_->run([&] { fold(chunk); });
    if (done) done = db_->commit();
    if (!done) {
        db_->rollback();
        fold_.forget();
        return done;
    }
    reached_ = chunk.reached;
    return {};
}

void AuditFile::fold(const LogChunk& chunk) {
    for (const auto& [key, id] : chunk.conversations) insert(conversation_, key, id);
    for (const auto& [key, id] : chunk.users) insert(user_, key, id);
    fold_.begin(reached_.conversation);
    auto message = chunk.messages.begin();
    for (const auto& event : chunk.events) {
        const bool hasText = message != chunk.messages.end() && message->first == event.position;
        fold_.apply(event,
                    hasText ? std::optional<std::string_view>(message->second) : std::nullopt);
        if (hasText) ++message;
    }
    fold_.flush();
    const StatementReset guard(follower_);
    const auto hash = bytesOf(chunk.reached.hash);
    follower_.bind(1, chunk.reached.position.value);
    follower_.bind(2, chunk.events.back().at.value);
    follower_.bindNoCopy(3, hash.data(), static_cast<int>(hash.size()));
    follower_.exec();
}

Result<std::unique_ptr<AuditFile>> openOrMake(const std::filesystem::path& file, Database& log,
                                              const Clock& clock) {
    auto opened = AuditFile::open(file, log, clock);
    if (opened || opened.error().code != ErrorCode::storage_damaged) return opened;
    logger().warn("audit_built_anew file=\"{}\" reason=\"{}\"", file.string(),
                  opened.error().message);
    PARLEY_TRY(removeDatabase(file));
    return AuditFile::open(file, log, clock);
}

}  // namespace parley::audit

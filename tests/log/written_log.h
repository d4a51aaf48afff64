#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_log.h>
#include <parley/log/migrations.h>
#include <parley/log/upcast.h>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

/// A real log in a file, written as the writer writes it, for tests of its readers.
class WrittenLog {
public:
    explicit WrittenLog(const std::filesystem::path& folder) : random_(7), uuids_(random_) {
        auto db = parley::Database::openWriter(parley::DataFolder::databaseIn(folder));
        REQUIRE(db.ok());
        db_ = std::move(*db);
        REQUIRE(parley::migrate(*db_, clock_).ok());
        db_->allowCheckpointAtClose();
        auto log = parley::EventLog::open(*db_, random_);
        REQUIRE(log.ok());
        log_ = std::move(*log);
    }

    parley::Database& db() { return *db_; }
    parley::LogHead head() const { return log_->head(); }

    /// Appends `count` messages to one conversation, in one transaction.
    bool append(int count, std::size_t contentBytes = 40, const std::string& conversation = "c") {
        std::vector<parley::Event> events;
        for (int i = 0; i < count; ++i) {
            events.push_back(event(parley::EventType::messageSent, conversation));
            events.back().content = std::string(contentBytes, 'x');
        }
        return append(events);
    }
    /// Appends events that `event` has made, in one transaction.
    bool append(std::vector<parley::Event>& events) {
        if (!db_->begin() || !log_->append(events) || !db_->commit()) return false;
        log_->committed();
        return true;
    }
    /// The next event of a conversation. A message is text that every customer may see.
    parley::Event event(parley::EventType type, const std::string& conversation = "c",
                        const std::string& actor = "anna",
                        parley::UserRole role = parley::UserRole::agent) {
        parley::Event event;
        event.type = type;
        event.version = parley::currentVersion(type);
        event.conversation = parley::ConversationId::fromStored(conversation);
        event.actor = parley::UserId::fromStored(actor);
        event.role = role;
        if (parley::isMessage(type)) {
            event.messageType = parley::MessageType::text;
            event.visible = true;
            event.content = "hello";
        }
        event.seq = {++seqs_[conversation]};
        event.at = clock_.now();
        event.id = uuids_.next(event.at);
        return event;
    }

private:
    parley::ManualClock clock_;
    parley::SeededRandom random_;
    parley::UuidGenerator uuids_;
    std::unique_ptr<parley::Database> db_;
    std::unique_ptr<parley::EventLog> log_;
    std::map<std::string, std::int64_t> seqs_;
};

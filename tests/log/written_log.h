#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_log.h>
#include <parley/log/migrations.h>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

/// A real log in a file, written as the writer does, for tests of what reads it.
class WrittenLog {
public:
    explicit WrittenLog(const std::filesystem::path& folder) : random_(7), uuids_(random_) {
        auto db = parley::Database::openWriter(parley::DataFolder::databaseIn(folder));
        REQUIRE(db.ok());
        db_ = std::move(*db);
        REQUIRE(parley::migrate(*db_, clock_).ok());
        db_->accept();
        auto log = parley::EventLog::open(*db_, random_);
        REQUIRE(log.ok());
        log_ = std::move(*log);
    }

    parley::Database& db() { return *db_; }
    parley::LogHead head() const { return log_->head(); }

    /// Appends `count` messages to one conversation, in one transaction.
    bool append(int count, std::size_t contentBytes = 40, const std::string& conversation = "c") {
        std::vector<parley::Event> events;
        for (int i = 0; i < count; ++i) events.push_back(message(conversation, contentBytes));
        if (!db_->begin() || !log_->append(events) || !db_->commit()) return false;
        log_->committed();
        return true;
    }

private:
    parley::Event message(const std::string& conversation, std::size_t contentBytes) {
        parley::Event event;
        event.type = parley::EventType::messageSent;
        event.conversation = parley::ConversationId::fromStored(conversation);
        event.actor = parley::UserId::fromStored("anna");
        event.role = parley::UserRole::agent;
        event.messageType = parley::MessageType::text;
        event.visible = true;
        event.seq = {++seqs_[conversation]};
        event.at = clock_.now();
        event.id = uuids_.next(event.at);
        event.content = std::string(contentBytes, 'x');
        return event;
    }

    parley::ManualClock clock_;
    parley::SeededRandom random_;
    parley::UuidGenerator uuids_;
    std::unique_ptr<parley::Database> db_;
    std::unique_ptr<parley::EventLog> log_;
    std::map<std::string, std::int64_t> seqs_;
};

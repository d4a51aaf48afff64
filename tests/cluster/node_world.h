#pragma once

#include "cluster/fake_log.h"
#include "cluster/shared_content.h"
#include "support/engine_world.h"

#include <parley/cluster/replica.h>
#include <parley/log/log_head.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace parley::test {

/// One node of a cluster in this process: an engine on a folder of its own, stepped by the test,
/// and its side of the stream.
class NodeWorld {
public:
    NodeWorld(std::string name, FakeLog& log)
        : name_(std::move(name)),
          log_(log),
          replica_(makeReplica({{1, 0, 0}, LogHead{}})),
          world_(options()) {}

    EngineWorld& world() { return world_; }
    Replica& replica() { return *replica_; }
    const std::string& name() const { return name_; }

    /// Applies what the stream has. The error where it does not fit: then nothing more is applied.
    Result<void> pull() {
        for (;;) {
            auto work = replica_->next({});
            if (!work) return work.error();
            if (!*work) {
                if (replica_->isElected()) replica_->beginToLead();
                return {};
            }
            const auto applied = world_.ask({}, std::move(**work));
            if (applied.reply.ok()) continue;
            if (replica_->giveBack() == 1) return applied.reply.error();
        }
    }
    /// Applies what the stream has, then asks for the leadership; leads if that was taken.
    Append lead() {
        REQUIRE(pull().ok());
        const auto asked = replica_->askToLead(head());
        if (asked == Append::taken) REQUIRE(pull().ok());
        return asked;
    }
    /// The process ends and starts again: it knows what is in its folder.
    void restart() {
        world_.close();
        const auto mark = readReplicationMark(*reader());
        REQUIRE(mark.ok());
        replica_ = makeReplica({mark->value_or(ReplicationMark{1, 0, 0}), head()});
        world_.open(options());
    }

    LogHead head() {
        auto head = readHead(*reader());
        REQUIRE(head.ok());
        return *head;
    }
    /// The log and the views, row by row.
    std::string content() { return sharedContentOf(*reader()); }
    std::int64_t count(const std::string& sql) {
        return reader()->sqlite().execAndGet(sql).getInt64();
    }

private:
    std::unique_ptr<Replica> makeReplica(const Replica::Place& place) {
        Replica::Options options;
        options.node = name_;
        options.run = {static_cast<std::uint16_t>(name_.front() - 'a' + 1), 1};
        options.pause = [](std::chrono::milliseconds) {};
        return std::make_unique<Replica>(std::move(options), log_, place);
    }
    EngineOptions options() {
        EngineOptions options;
        options.gate = replica_.get();
        options.synchronous = Synchronous::normal;  // nothing here loses power
        options.typingRetention = std::chrono::seconds(20);
        return options;
    }
    std::unique_ptr<Database> reader() {
        auto db = Database::openReader(world_.database());
        REQUIRE(db.ok());
        return std::move(*db);
    }

    const std::string name_;
    FakeLog& log_;
    std::unique_ptr<Replica> replica_;
    EngineWorld world_;
};

}  // namespace parley::test

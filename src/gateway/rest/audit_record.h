#pragma once

#include "gateway/rest/recorded_questions.h"
#include "gateway/rest/rest_call.h"
#include "gateway/rest/rest_viewer.h"

#include <parley/core/ids.h>
#include <parley/core/random.h>
#include <parley/log/hash_chain.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Records of who asked for what (`audit_read`, docs/time-travel.md), before the answer is shown.
namespace parley {

/// What of a request is recorded. Paging is no part of it.
struct AuditedRead {
    std::string_view what;  ///< "as_of", "search" or "sql"; a literal
    NamedViewer asker;
    std::optional<UserId> viewer;  ///< another pair of eyes than the asker's own
    std::optional<UserRole> viewerRole;
    /// Names of filters, and the ids, times and positions that they were given; in order.
    std::vector<std::pair<std::string, std::string>> filters;
    std::string words;  ///< of a search or a statement: only their salted hash is stored
};

/// A question that is in the log. Knows its steps. A value; any thread.
class RecordedRead {
public:
    /// Not recorded: there is nothing to be a step of.
    RecordedRead() = default;
    RecordedRead(AuditedRead read, std::chrono::milliseconds at)
        : read_(std::move(read)), at_(at) {}

    /// From now on, the same question with `value` for the filter `name` is a step of this one: a
    /// page names the position that a time was found to be.
    void alsoAs(GatewayState& shared, std::string_view name, const std::string& value) const;

private:
    std::optional<AuditedRead> read_;
    std::chrono::milliseconds at_{0};
};

/// Goes on with a request once its question is recorded.
using OnceRecorded = std::function<void(const RecordedRead&)>;

/// Says whether somebody who calls itself a customer is shown its own history alone. On a reader's
/// thread.
using OwnHistory = std::function<Result<bool>(ReadContext&)>;

/// The records that a loop waits for. The loop's thread.
class AuditRecords {
public:
    AuditRecords(GatewayState& shared, net::Loop& loop, Random& random)
        : shared_(shared), loop_(loop), random_(random) {}

    /// Appends the record, then calls `then`, on this thread, once it is durable. Where the same
    /// asker's same question is being recorded, on any loop, that record counts. Calls it at once
    /// where nothing is to be recorded: `audit.record` is off, a customer reads its own history, or
    /// the same asker put the same question within RecordedQuestions::kStepsWithin. Where it
    /// cannot be stored, the request `http` is refused with the storage's error, and nothing more
    /// happens. `isOwn` is asked where no token says it; nothing: it never is.
    void record(std::uint64_t http, AuditedRead read, OwnHistory isOwn, OnceRecorded then);
    /// Brings the writer's answer. `number`: of the ReplyAddress.
    void answer(std::uint64_t number, const Result<Reply>& reply);

private:
    struct Waiting {
        std::uint64_t http;
        AuditedRead read;
        OnceRecorded then;
    };
    AuditQuestion questionOf(const AuditedRead& read);
    void unlessOwn(Waiting waiting, OwnHistory isOwn);
    void recordAlways(Waiting waiting);
    void append(std::uint64_t number);
    void goOn(std::uint64_t number, const RecordedQuestions::Recorded& recorded);
    void refuse(std::uint64_t http, const Error& error);

    GatewayState& shared_;
    net::Loop& loop_;
    Random& random_;
    Sha256 sha_;
    std::unordered_map<std::uint64_t, Waiting> waiting_;
    std::uint64_t next_ = 1;
};

/// As AuditRecords::record, for a route's handler. `then` must not use `call`, which has ended by
/// then.
void recordAuditRead(const RestCall& call, RestServices& services, AuditedRead read,
                     OwnHistory isOwn, OnceRecorded then);

}  // namespace parley

#include "gateway/limits/limits.h"

#include <parley/core/limits.h>

#include <algorithm>
#include <string>

namespace parley {
namespace {

struct ConnectionRule {
    Rate rate;
    Limit limit;
};

ConnectionRule ruleOf(const RateOptions& options, RateClass kind) {
    switch (kind) {
        case RateClass::messages: return {options.messages, Limit::messages};
        case RateClass::typing: return {options.typing, Limit::typing};
        case RateClass::reads: return {options.reads, Limit::reads};
        case RateClass::joins: break;
    }
    return {options.joins, Limit::joins};
}

}  // namespace

Limits::Limits(const RateOptions& options)
    : options_(options),
      connects_(limits::kAddressesCountedMax),
      failures_(options.authFailures),
      seats_(options.connectionsPerUserMax) {}

Error Limits::refuse(Limit limit, Millis wait) {
    refused_[static_cast<std::size_t>(limit)].fetch_add(1, std::memory_order_relaxed);
    return rateLimited(limit, wait);
}

Result<void> Limits::resultOf(const UserRates::Verdict& verdict) {
    return verdict.wait.count() > 0 ? refuse(verdict.by, verdict.wait) : Result<void>();
}

bool Limits::isSpent(const ClientLimits& client, RateClass kind, Millis now) const {
    const auto& bucket = client.buckets[static_cast<std::size_t>(kind)];
    return bucket.waitOf(ruleOf(options_, kind).rate, now).count() > 0;
}

// The user's bucket is taken from only where the connection's allows it, and the other way round.
Result<void> Limits::admit(ClientLimits& client, const UserId& user, RateClass kind, Millis now) {
    const auto [rate, limit] = ruleOf(options_, kind);
    auto& bucket = client.buckets[static_cast<std::size_t>(kind)];
    if (const auto wait = bucket.waitOf(rate, now); wait.count() > 0) {
        return refuse(limit, std::max(wait, users_.waitOf(user, kind, now)));
    }
    const auto verdict = users_.take(user, kind, now);
    if (verdict.wait.count() == 0) bucket.take(rate, now);
    return resultOf(verdict);
}

Result<void> Limits::admitService(const UserId& user, RateClass kind, Millis now) {
    return resultOf(users_.takeAll(user, kind, /*rest=*/false, now));
}

Result<void> Limits::admitRest(const UserId& user, RateClass kind, Millis now) {
    return resultOf(users_.takeAll(user, kind, /*rest=*/true, now));
}

Result<void> Limits::admitConnect(ClientAddress address, Millis now) {
    if (options_.connects.off()) return {};
    const auto wait = connects_.use(address, now, [&](Connects& connects) {
        return connects.bucket.take(options_.connects, now);
    });
    return wait.count() > 0 ? refuse(Limit::connects, wait) : Result<void>();
}

Result<void> Limits::seat(UserSeats::Seat& seat, const Principal& principal) {
    seat.leave();
    if (!seats_.counts(principal)) return {};
    seat = seats_.enter(principal);
    if (seat) return {};
    refused_[static_cast<std::size_t>(Limit::connectionsPerUser)].fetch_add(
        1, std::memory_order_relaxed);
    return Error{ErrorCode::limit_reached,
                 "the user has as many connections as io.connections-per-user allows, " +
                     std::to_string(options_.connectionsPerUserMax)};
}

std::uint64_t Limits::refused(Limit limit) const {
    return refused_[static_cast<std::size_t>(limit)].load(std::memory_order_relaxed);
}

}  // namespace parley

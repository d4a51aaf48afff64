#pragma once

#include "gateway/limits/bucket_table.h"
#include "gateway/limits/limit.h"

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/gateway/calls/wire_request.h>
#include <parley/gateway/limits/rate_options.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley {

/// What each user does, over all loops. A user's buckets are those of its id alone: a service that
/// acts as a user takes from the same ones. Any thread; `now` is Clock::monotonic.
class UserRates {
public:
    /// Why a request has to wait; `wait` 0: it need not, and was counted.
    struct Verdict {
        std::chrono::milliseconds wait{0};
        Limit by{};
    };

    /// `options` outlive this.
    explicit UserRates(const RateOptions& options);

    /// Counts a request of a connection. Of joins and typing a user has kConnections times what one
    /// connection has: so new connections do not begin anew.
    Verdict take(const UserId& user, RateClass kind, std::chrono::milliseconds now);
    /// Counts a request of a service's connection, or (`rest`) of REST, which has no connection:
    /// there the user's own buckets stand for those that a connection has.
    Verdict takeAll(const UserId& user, RateClass kind, bool rest, std::chrono::milliseconds now);
    /// How long a message or read of the user has to wait, as `take` counts it. Counts nothing.
    std::chrono::milliseconds waitOf(const UserId& user, RateClass kind,
                                     std::chrono::milliseconds now) const;

    /// Users that are remembered.
    std::size_t size() const { return users_.size(); }

    static constexpr std::uint32_t kConnections = 3;

private:
    struct Buckets {
        std::array<RateBucket, kRateClassCount> of;
        std::array<RateBucket, kRateClassCount> overSockets;  ///< joins and typing alone
        RateBucket rest;
        std::chrono::milliseconds fullAt() const;
    };
    struct Rule {
        Rate rate;
        Limit limit;
    };
    Rule ruleOf(RateClass kind) const;

    const RateOptions& options_;
    BucketTable<UserId, Buckets> users_;
};

}  // namespace parley

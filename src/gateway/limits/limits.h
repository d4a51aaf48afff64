#pragma once

#include "gateway/limits/auth_failures.h"
#include "gateway/limits/bucket_table.h"
#include "gateway/limits/client_limits.h"
#include "gateway/limits/limit.h"
#include "gateway/limits/user_rates.h"
#include "gateway/limits/user_seats.h"

#include <parley/core/result.h>
#include <parley/domain/principal.h>
#include <parley/gateway/limits/rate_options.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace parley {

/// How much each connection, user and address may ask for, with auth.mode=jwt. There is one
/// for all loops, and none with auth.mode=none. What is refused with `rate_limited` is counted here
/// and changes nothing else. Any thread, but a ClientLimits is of one loop; `now` is
/// Clock::monotonic.
class Limits {
public:
    using Millis = std::chrono::milliseconds;

    explicit Limits(const RateOptions& options);

    /// Whether the connection's own bucket would refuse a request of this kind now. Counts nothing.
    bool isSpent(const ClientLimits& client, RateClass kind, Millis now) const;
    /// Admits a request of a connection whose sender is the principal's user: by the connection's
    /// bucket and the user's.
    Result<void> admit(ClientLimits& client, const UserId& user, RateClass kind, Millis now);
    /// Admits a request that a service's connection makes as `user`.
    Result<void> admitService(const UserId& user, RateClass kind, Millis now);
    /// Admits a REST request of `user`, or of a service that acts as it.
    Result<void> admitRest(const UserId& user, RateClass kind, Millis now);

    /// Admits one more connect of the address.
    Result<void> admitConnect(ClientAddress address, Millis now);
    /// How long no token of the address is verified, after too many bad ones; 0: it need not wait.
    Millis tokenWait(ClientAddress address, Millis now) const {
        return failures_.waitOf(address, now);
    }
    /// A token was not verified, because its address waits.
    Error refuseToken(Millis wait) { return refuse(Limit::authFailures, wait); }
    void noteBadToken(ClientAddress address, Millis now) { failures_.note(address, now); }
    /// Counts a connection of the user, for as long as `seat` lives. Refuses with `limit_reached`.
    Result<void> seat(UserSeats::Seat& seat, const Principal& principal);

    std::uint64_t refused(Limit limit) const;
    /// A connection is closed, as it went on asking.
    void noteClosed() { closed_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t closed() const { return closed_.load(std::memory_order_relaxed); }
    /// Users and addresses that are remembered.
    std::size_t usersCounted() const { return users_.size(); }
    std::size_t addressesCounted() const { return connects_.size() + failures_.size(); }

private:
    struct Connects {
        RateBucket bucket;
        Millis fullAt() const { return bucket.fullAt(); }
    };

    Error refuse(Limit limit, Millis wait);
    Result<void> resultOf(const UserRates::Verdict& verdict);

    const RateOptions options_;
    UserRates users_{options_};
    BucketTable<ClientAddress, Connects> connects_;
    AuthFailures failures_;
    UserSeats seats_;
    std::array<std::atomic<std::uint64_t>, kLimitCount> refused_{};
    std::atomic<std::uint64_t> closed_{0};
};

}  // namespace parley

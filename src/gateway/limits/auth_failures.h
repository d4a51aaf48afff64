#pragma once

#include "gateway/limits/bucket_table.h"

#include <parley/core/client_address.h>
#include <parley/core/rate.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley {

/// Bad tokens by the address that they come from. Once there were more than the rate allows, the
/// address waits, each time twice as long, until a wait was followed by no bad token for as long as
/// the bucket takes to be full. Any thread; `now` is Clock::monotonic.
class AuthFailures {
public:
    static constexpr std::chrono::milliseconds kWaitMax{60'000};

    explicit AuthFailures(Rate rate);

    /// How long no token of the address is verified; 0: it need not wait.
    std::chrono::milliseconds waitOf(ClientAddress address, std::chrono::milliseconds now) const;
    /// A bad token came from the address.
    void note(ClientAddress address, std::chrono::milliseconds now);

    /// Addresses that are remembered.
    std::size_t size() const { return addresses_.size(); }

private:
    struct Failures {
        RateBucket bucket;
        std::chrono::milliseconds until{0};  ///< the address waits
        std::uint8_t doublings = 0;
        std::chrono::milliseconds fullAt() const { return bucket.fullAt(); }
    };

    std::chrono::milliseconds waitAfter(std::uint8_t doublings) const;

    const Rate rate_;
    BucketTable<ClientAddress, Failures> addresses_;
};

}  // namespace parley

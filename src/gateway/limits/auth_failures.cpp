#include "gateway/limits/auth_failures.h"

#include <parley/core/limits.h>

#include <algorithm>

namespace parley {

using Millis = std::chrono::milliseconds;

AuthFailures::AuthFailures(Rate rate) : rate_(rate), addresses_(limits::kAddressesCountedMax) {}

// A wait of the most has 60,000 ms: 16 doublings of the shortest.
Millis AuthFailures::waitAfter(std::uint8_t doublings) const {
    const Millis first(std::max<std::int64_t>(1, 1000 / rate_.perSecond));
    return std::min(first * (std::int64_t{1} << std::min<int>(doublings, 16)), kWaitMax);
}

Millis AuthFailures::waitOf(ClientAddress address, Millis now) const {
    if (rate_.off()) return Millis(0);
    return addresses_.look(address, [&](const Failures& failures) {
        return std::clamp(failures.until - now, Millis(0), kWaitMax);
    });
}

// The bucket is empty at the end of a wait, so that the next bad token makes it a longer one. What
// was being verified when the wait began, counts when it ends.
void AuthFailures::note(ClientAddress address, Millis now) {
    if (rate_.off()) return;
    addresses_.use(address, now, [&](Failures& failures) {
        if (failures.bucket.fullAt() <= now) failures = {};
        const Millis from = std::max(now, failures.until);
        if (failures.bucket.take(rate_, from).count() == 0) return;
        failures.until = from + waitAfter(failures.doublings);
        if (failures.until - now > kWaitMax) failures.until = now + kWaitMax;
        failures.doublings = static_cast<std::uint8_t>(std::min(failures.doublings + 1, 16));
        failures.bucket.empty(rate_, failures.until);
    });
}

}  // namespace parley

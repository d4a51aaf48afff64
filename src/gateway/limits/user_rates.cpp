#include "gateway/limits/user_rates.h"

#include <parley/core/limits.h>

#include <algorithm>

namespace parley {

std::chrono::milliseconds UserRates::Buckets::fullAt() const {
    auto latest = rest.fullAt();
    for (const auto& bucket : of) latest = std::max(latest, bucket.fullAt());
    return latest;
}

UserRates::UserRates(const RateOptions& options)
    : options_(options), users_(limits::kUsersCountedMax) {}

UserRates::Rule UserRates::ruleOf(RateClass kind) const {
    switch (kind) {
        case RateClass::messages: return {options_.userMessages, Limit::userMessages};
        case RateClass::typing: return {options_.typing, Limit::typing};
        case RateClass::reads: return {options_.userReads, Limit::userReads};
        case RateClass::joins: break;
    }
    return {options_.joins, Limit::joins};
}

UserRates::Verdict UserRates::take(const UserId& user, RateClass kind,
                                   std::chrono::milliseconds now) {
    const bool counts = kind == RateClass::messages || kind == RateClass::reads;
    return counts ? takeAll(user, kind, /*rest=*/false, now) : Verdict{};
}

UserRates::Verdict UserRates::takeAll(const UserId& user, RateClass kind, bool rest,
                                      std::chrono::milliseconds now) {
    const auto [rate, limit] = ruleOf(kind);
    const Rate restRate = rest ? options_.userRest : Rate{};
    if (rate.off() && restRate.off()) return {};
    return users_.use(user, now, [&, rate = rate, limit = limit](Buckets& buckets) -> Verdict {
        if (const auto wait = buckets.rest.waitOf(restRate, now); wait.count() > 0) {
            return {wait, Limit::userRest};
        }
        const auto wait = buckets.of[static_cast<std::size_t>(kind)].take(rate, now);
        if (wait.count() == 0) buckets.rest.take(restRate, now);
        return {wait, limit};
    });
}

}  // namespace parley

#include "gateway/limits/user_rates.h"

#include <parley/core/limits.h>

#include <algorithm>

namespace parley {

std::chrono::milliseconds UserRates::Buckets::fullAt() const {
    auto latest = rest.fullAt();
    for (const auto& bucket : of) latest = std::max(latest, bucket.fullAt());
    for (const auto& bucket : overSockets) latest = std::max(latest, bucket.fullAt());
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
    if (kind == RateClass::messages || kind == RateClass::reads) {
        return takeAll(user, kind, /*rest=*/false, now);
    }
    const auto [one, limit] = ruleOf(kind);
    if (one.off()) return {};
    const Rate rate{std::min(one.perSecond * kConnections, Rate::kMax),
                    std::min(one.burst * kConnections, Rate::kMax)};
    return users_.use(user, now, [&, limit = limit](Buckets& buckets) -> Verdict {
        return {buckets.overSockets[static_cast<std::size_t>(kind)].take(rate, now), limit};
    });
}

std::chrono::milliseconds UserRates::waitOf(const UserId& user, RateClass kind,
                                            std::chrono::milliseconds now) const {
    if (kind != RateClass::messages && kind != RateClass::reads) return {};
    return users_.look(user, [&](const Buckets& buckets) {
        return buckets.of[static_cast<std::size_t>(kind)].waitOf(ruleOf(kind).rate, now);
    });
}

UserRates::Verdict UserRates::takeAll(const UserId& user, RateClass kind, bool rest,
                                      std::chrono::milliseconds now) {
    const auto [rate, limit] = ruleOf(kind);
    const Rate restRate = rest ? options_.userRest : Rate{};
    if (rate.off() && restRate.off()) return {};
    return users_.use(user, now, [&, rate = rate, limit = limit](Buckets& buckets) -> Verdict {
        auto& bucket = buckets.of[static_cast<std::size_t>(kind)];
        const auto restWait = buckets.rest.waitOf(restRate, now);
        const auto wait = bucket.waitOf(rate, now);
        if (std::max(restWait, wait).count() > 0) {
            return restWait >= wait ? Verdict{restWait, Limit::userRest} : Verdict{wait, limit};
        }
        buckets.rest.take(restRate, now);
        bucket.take(rate, now);
        return {};
    });
}

}  // namespace parley

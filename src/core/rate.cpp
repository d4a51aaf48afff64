#include <parley/core/rate.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace parley {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr std::int64_t kNsAMilli = 1'000'000;
// A century. With the longest span of a bucket, 12 days, it is far from the end of an int64.
constexpr std::int64_t kNowMaxMs = 100LL * 366 * 24 * 3600 * 1000;

std::int64_t nsOf(RateBucket::Millis now) {
    return std::clamp<std::int64_t>(now.count(), 0, kNowMaxMs) * kNsAMilli;
}

RateBucket::Millis roundedUp(std::int64_t ns) {
    return RateBucket::Millis((ns + kNsAMilli - 1) / kNsAMilli);
}

// The time of one, rounded up: never more than the rate is allowed.
std::int64_t intervalNs(Rate rate) {
    return (kNsASecond + rate.perSecond - 1) / rate.perSecond;
}

std::int64_t spanNs(Rate rate) {
    return intervalNs(rate) * rate.burst;
}

// When a bucket would be full again, if one more were taken now.
std::int64_t fullAfterOne(std::int64_t fullAtNs, Rate rate, std::int64_t nowNs) {
    const bool fromTheFuture = fullAtNs > nowNs + spanNs(rate) + intervalNs(rate);
    const std::int64_t from = fromTheFuture ? nowNs : std::max(fullAtNs, nowNs);
    return from + intervalNs(rate);
}

std::optional<std::uint32_t> numberIn(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value < 1 || value > Rate::kMax) return std::nullopt;
    return value;
}

}  // namespace

Result<Rate> parseRate(std::string_view text) {
    if (text == "0") return Rate{};
    const auto slash = std::min(text.find('/'), text.size());
    const auto perSecond = numberIn(text.substr(0, slash));
    const auto burst = numberIn(text.substr(std::min(slash + 1, text.size())));
    if (perSecond && burst) return Rate{*perSecond, *burst};
    return Error{ErrorCode::invalid_setting,
                 "must be PER_SECOND/BURST like 20/100, both numbers from 1 to " +
                     std::to_string(Rate::kMax) + ", or 0 for no limit, not \"" +
                     std::string(text) + "\""};
}

std::string rateText(Rate rate) {
    if (rate.off()) return "0";
    return std::to_string(rate.perSecond) + "/" + std::to_string(rate.burst);
}

RateBucket::Millis RateBucket::waitOf(Rate rate, Millis now) const {
    if (rate.off()) return Millis(0);
    const std::int64_t nowNs = nsOf(now);
    const std::int64_t tooMuch = fullAfterOne(fullAtNs_, rate, nowNs) - nowNs - spanNs(rate);
    return tooMuch > 0 ? roundedUp(tooMuch) : Millis(0);
}

RateBucket::Millis RateBucket::take(Rate rate, Millis now) {
    const Millis wait = waitOf(rate, now);
    if (wait == Millis(0) && !rate.off()) fullAtNs_ = fullAfterOne(fullAtNs_, rate, nsOf(now));
    return wait;
}

void RateBucket::empty(Rate rate, Millis now) {
    if (!rate.off()) fullAtNs_ = nsOf(now) + spanNs(rate);
}

RateBucket::Millis RateBucket::fullAt() const {
    return roundedUp(fullAtNs_);
}

}  // namespace parley

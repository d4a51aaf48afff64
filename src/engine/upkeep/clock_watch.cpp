#include "engine/upkeep/clock_watch.h"

#include <parley/core/logging.h>

#include <utility>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr const char* kWarning = "clock_implausible";

// Both clocks at one moment: if the thread is held up between the two looks, that looks like a
// step.
milliseconds offsetOf(const Clock& clock) {
    constexpr int kTries = 5;
    for (int i = 1;; ++i) {
        const auto before = clock.monotonic();
        const auto wall = milliseconds(clock.now().value);
        if (clock.monotonic() - before < std::chrono::seconds(1) || i == kTries) {
            return wall - before;
        }
    }
}

std::string seconds(milliseconds span) {
    return std::to_string(span.count() / 1000) + " s";
}

}  // namespace

ClockWatch::ClockWatch(const Clock& clock, UnixMillis logTime, Warnings& warnings)
    : clock_(clock), warnings_(warnings), offset_(offsetOf(clock)) {
    const auto ahead = milliseconds(clock.now().value - logTime.value);
    if (logTime.value > 0 && ahead > kAheadAtStartMax) {
        raise(Doubt::farAhead,
              "the clock said " + toIso8601(clock.now()) + " at the start, " +
                  std::to_string(ahead / std::chrono::hours(24)) +
                  " days after the log's last event; if that is wrong, set it now",
              clock.monotonic());
    }
    look(logTime);
}

void ClockWatch::look(UnixMillis logTime) {
    const auto now = clock_.monotonic();
    const auto offset = offsetOf(clock_);
    const auto step = offset - std::exchange(offset_, offset);
    if (step > kToleranceMax || step < -milliseconds(kToleranceMax)) {
        raise(Doubt::stepped,
              "the clock was set " + std::string(step.count() > 0 ? "forward" : "back") + " by " +
                  seconds(step.count() > 0 ? step : -step) +
                  " while the server ran, or the machine slept",
              now);
    }
    const auto behind = milliseconds(logTime.value - clock_.now().value);
    const bool isBehind = logTime.value > 0 && behind > kToleranceMax;
    if (isBehind && !wasBehind_) {
        raise(Doubt::behind,
              "the clock is behind the log's last event, of " + toIso8601(logTime) +
                  ": new events get that time until the clock has passed it",
              now);
    }
    wasBehind_ = isBehind;
    settle(isBehind, now);
    warnIfDue(now);
}

void ClockWatch::raise(Doubt doubt, std::string reason, milliseconds now) {
    doubt_ = doubt;
    reason_ = std::move(reason);
    trustedFrom_ = now + kTrustedAfter;
    warnAt_ = now;
}

// Warns of being behind for as long as that lasts, of the rest until the hour is over.
void ClockWatch::settle(bool behind, milliseconds now) {
    const bool trusted = now >= trustedFrom_;
    if (trusted && !behind && doubt_ != Doubt::none) {
        doubt_ = Doubt::none;
        warnings_.clear(kWarning);
        logger().info("clock_trusted");
    }
    trusted_.store(trusted, std::memory_order_relaxed);
    implausible_.store(doubt_ != Doubt::none, std::memory_order_relaxed);
}

void ClockWatch::warnIfDue(milliseconds now) {
    if (doubt_ == Doubt::none || now < warnAt_) return;
    warnAt_ = now + kWarnEvery;
    std::string text = reason_;
    if (now < trustedFrom_) {
        text += "; retention and expiry wait for " + seconds(trustedFrom_ - now);
    }
    logger().warn("clock_implausible now={} message=\"{}\"", toIso8601(clock_.now()), text);
    warnings_.raise(kWarning, std::move(text));
}

}  // namespace parley

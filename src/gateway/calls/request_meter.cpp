#include "gateway/calls/request_meter.h"

#include <string>

namespace parley {
namespace {

void add(std::atomic<std::uint64_t>& count) {
    count.fetch_add(1, std::memory_order_relaxed);
}

std::size_t indexOf(WireRequest request) {
    return static_cast<std::size_t>(request);
}

template <typename Value>
auto sumOf(std::span<const RequestMeter> meters, const Value& value) {
    auto sum = value(meters.front());
    for (const auto& meter : meters.subspan(1)) sum += value(meter);
    return sum;
}

}  // namespace

// The difference is right for an hour, although the number begins anew after 71 minutes.
void RequestMeter::observe(const SocketCall& call, std::chrono::microseconds now) {
    const auto took = static_cast<std::uint32_t>(now.count()) - call.askedAt;
    durations_[indexOf(call.request)].observe(std::uint64_t{took});
}

void RequestMeter::done(const SocketCall& call, std::chrono::microseconds now) {
    add(outcomes_[indexOf(call.request)].done);
    observe(call, now);
}

void RequestMeter::refused(const SocketCall& call, ErrorCode code, std::chrono::microseconds now) {
    add(outcomes_[indexOf(call.request)].refused);
    refused(code);
    observe(call, now);
}

void RequestMeter::refused(std::string_view name, ErrorCode code) {
    const auto request = parseWireRequest(name);
    add(outcomes_[request ? indexOf(*request) : kWireRequestCount].refused);
    refused(code);
}

// An operator's code, which no request should be refused with, has no place in the table.
void RequestMeter::refused(ErrorCode code) {
    const auto index = static_cast<std::size_t>(code);
    if (index < codes_.size()) add(codes_[index]);
}

void RequestMeter::addTo(MetricSamples& out, std::span<const RequestMeter> meters) {
    const auto nameOf = [](std::size_t i) {
        return i < kWireRequestCount ? wireRequests()[i].name : std::string_view("unknown");
    };
    const auto counted = [&](const auto& count) {
        return sumOf(meters, [&](const RequestMeter& one) {
            return count(one).load(std::memory_order_relaxed);
        });
    };
    for (std::size_t i = 0; i < kNames; ++i) {
        const std::string name(nameOf(i));
        const auto done = counted([i](const auto& one) -> auto& { return one.outcomes_[i].done; });
        const auto refused =
            counted([i](const auto& one) -> auto& { return one.outcomes_[i].refused; });
        if (i < kWireRequestCount) out.set(Metric::requests, name + ",done", done);
        out.set(Metric::requests, name + ",refused", refused);
    }
    for (std::size_t i = 0; i < kWireRequestCount; ++i) {
        out.set(Metric::requestDuration, nameOf(i),
                sumOf(meters, [i](const RequestMeter& one) { return one.durations_[i].values(); }));
    }
    for (std::size_t i = 0; i < kClientErrorCount; ++i) {
        out.set(Metric::refusedByCode, clientErrors()[i].name,
                counted([i](const auto& one) -> auto& { return one.codes_[i]; }));
    }
    out.set(Metric::fanoutDelay, "",
            sumOf(meters, [](const RequestMeter& one) { return one.fanout_.values(); }));
}

}  // namespace parley

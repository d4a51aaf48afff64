#include "gateway/calls/request_meter.h"

#include <catch2/catch.hpp>

#include <array>
#include <limits>
#include <string>

using namespace parley;
using std::chrono::microseconds;

namespace {

const MetricSamples::Sample* find(const MetricSamples& samples, Metric metric,
                                  const std::string& label) {
    for (const auto& sample : samples.all()) {
        if (sample.metric == metric && sample.label == label) return &sample;
    }
    return nullptr;
}

double valueOf(const MetricSamples& samples, Metric metric, const std::string& label) {
    const auto* sample = find(samples, metric, label);
    REQUIRE(sample);
    return sample->value;
}

}  // namespace

TEST_CASE("requests count by name, outcome and code, over all loops") {
    std::array<RequestMeter, 2> meters{};
    const SocketCall join{{}, WireRequest::joinRoom, 1, 1'000};
    meters[0].done(join, microseconds(1'400));
    meters[1].done(join, microseconds(1'400));
    meters[1].refused(join, ErrorCode::forbidden, microseconds(1'400));
    meters[0].refused("join_room", ErrorCode::missing_field);
    meters[0].refused("no_such_request", ErrorCode::unknown_event);
    meters[0].refused(ErrorCode::not_found);
    MetricSamples out;
    RequestMeter::addTo(out, meters);
    CHECK(valueOf(out, Metric::requests, "join_room,done") == 2);
    CHECK(valueOf(out, Metric::requests, "join_room,refused") == 2);
    CHECK(valueOf(out, Metric::requests, "unknown,refused") == 1);
    CHECK_FALSE(find(out, Metric::requests, "unknown,done"));
    for (const auto* code : {"forbidden", "missing_field", "unknown_event", "not_found"}) {
        CHECK(valueOf(out, Metric::refusedByCode, code) == 1);
    }
    const auto* took = find(out, Metric::requestDuration, "join_room");
    REQUIRE(took);
    CHECK(took->histogram->count() == 3);
    CHECK(took->histogram->sum == 1'200);
}

TEST_CASE("an operator's code counts nowhere, and harms nothing") {
    std::array<RequestMeter, 1> meters{};
    meters[0].refused(static_cast<ErrorCode>(kClientErrorCount));
    MetricSamples out;
    RequestMeter::addTo(out, meters);
    for (std::size_t i = 0; i < kClientErrorCount; ++i) {
        CHECK(valueOf(out, Metric::refusedByCode, std::string(clientErrors()[i].name)) == 0);
    }
}

TEST_CASE("a request that was read just before the clock's lower bits began anew took as long") {
    std::array<RequestMeter, 1> meters{};
    const std::uint64_t wrap = std::uint64_t{1} << 32;
    const SocketCall sent{{}, WireRequest::sendMessage, {}, static_cast<std::uint32_t>(wrap - 100)};
    meters[0].done(sent, microseconds(wrap + 50));
    MetricSamples out;
    RequestMeter::addTo(out, meters);
    CHECK(find(out, Metric::requestDuration, "send_message")->histogram->sum == 150);
}

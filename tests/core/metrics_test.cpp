#include <parley/core/metrics.h>

#include <catch2/catch.hpp>

#include <regex>
#include <set>
#include <string>

namespace parley {

TEST_CASE("every metric has a name of its own, as Prometheus wants it") {
    std::set<std::string_view> names;
    for (const auto& metric : allMetrics()) {
        CAPTURE(metric.name);
        CHECK(names.insert(metric.name).second);
        CHECK(std::regex_match(std::string(metric.name), std::regex("(parley|process)_[a-z_]+")));
        CHECK(metric.name.ends_with("_total") == (metric.kind == MetricKind::counter));
        CHECK(metric.help.ends_with("."));
        CHECK_FALSE(metric.unit.empty());
    }
    CHECK(metricInfo(Metric::eventsAppended).name == "parley_events_appended_total");
}

TEST_CASE("samples keep their order, their labels and their values") {
    MetricSamples samples;
    samples.set(Metric::logPosition, std::int64_t{7});
    samples.set(Metric::connectionsRefused, "draining", 2);
    REQUIRE(samples.all().size() == 2);
    CHECK(samples.all()[0].value == 7);
    CHECK(samples.all()[0].label.empty());
    CHECK(samples.all()[1].metric == Metric::connectionsRefused);
    CHECK(samples.all()[1].label == "draining");
}

TEST_CASE("a histogram has its counts in place of a value, and labels in the order of its row") {
    Histogram took;
    took.observe(std::chrono::microseconds(300));
    MetricSamples samples;
    samples.set(Metric::requestDuration, "join_room", took.values());
    samples.set(Metric::requests, "join_room,done", 3);
    REQUIRE(samples.all()[0].histogram);
    CHECK(samples.all()[0].histogram->count() == 1);
    CHECK(samples.all()[1].label == "join_room,done");
    CHECK_FALSE(samples.all()[1].histogram);
}

TEST_CASE("the reference of metrics has a row for each") {
    const std::string reference = metricsReference();
    for (const auto& metric : allMetrics()) {
        CAPTURE(metric.name);
        CHECK(reference.find("| `" + std::string(metric.name)) != std::string::npos);
    }
}

}  // namespace parley

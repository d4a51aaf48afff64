#include <parley/core/check.h>
#include <parley/core/metrics.h>

#include <algorithm>
#include <array>

namespace parley {
namespace {

constexpr std::array kMetrics{
#define METRIC(constant, name, kind, unit, help, label) \
    MetricInfo{name, MetricKind::kind, unit, help, label},
#include <parley/core/metrics.def>
};

std::string_view nameOf(MetricKind kind) {
    switch (kind) {
        case MetricKind::counter: return "counter";
        case MetricKind::gauge: return "gauge";
        case MetricKind::histogram: break;
    }
    return "histogram";
}

// How many names or values the commas separate.
std::ptrdiff_t countOf(std::string_view list) {
    return list.empty() ? 0 : 1 + std::count(list.begin(), list.end(), ',');
}

}  // namespace

const MetricInfo& metricInfo(Metric metric) {
    return kMetrics[static_cast<std::size_t>(metric)];
}

std::span<const MetricInfo> allMetrics() {
    return kMetrics;
}

void MetricSamples::add(Metric metric, std::string_view label, double value) {
    PARLEY_CHECK(countOf(metricInfo(metric).label) == countOf(label));
    samples_.push_back({metric, std::string(label), value});
}

void MetricSamples::set(Metric metric, std::string_view label, const HistogramValues& values) {
    PARLEY_CHECK(metricInfo(metric).kind == MetricKind::histogram);
    add(metric, label, 0);
    samples_.back().histogram = values;
}

std::string metricsReference() {
    std::string out =
        "## Of the server\n\n`GET /metrics` answers with these in "
        "Prometheus' text format. A *counter* only grows and starts at 0 with the process; a "
        "*gauge* goes up and down; a *histogram* counts values by their size, here from 100 µs to "
        "10 s where it counts seconds. Labels have few values, never ids. "
        "[operations/monitoring.md](operations/monitoring.md) says what to watch.\n\n"
        "| metric | kind | unit | meaning |\n|---|---|---|---|\n";
    for (const auto& metric : kMetrics) {
        const std::string label =
            metric.label.empty() ? std::string() : "{" + std::string(metric.label) + "}";
        out.append("| `").append(metric.name).append(label).append("` | ");
        out.append(nameOf(metric.kind)).append(" | ");
        out.append(metric.unit).append(" | ").append(metric.help).append(" |\n");
    }
    return out;
}

}  // namespace parley

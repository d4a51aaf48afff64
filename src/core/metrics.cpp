#include <parley/core/check.h>
#include <parley/core/metrics.h>

#include <array>

namespace parley {
namespace {

constexpr std::array kMetrics{
#define METRIC(constant, name, kind, unit, help, label) \
    MetricInfo{name, MetricKind::kind, unit, help, label},
#include <parley/core/metrics.def>
};

}  // namespace

const MetricInfo& metricInfo(Metric metric) {
    return kMetrics[static_cast<std::size_t>(metric)];
}

std::span<const MetricInfo> allMetrics() {
    return kMetrics;
}

void MetricSamples::add(Metric metric, std::string_view label, double value) {
    PARLEY_CHECK(metricInfo(metric).label.empty() == label.empty());
    samples_.push_back({metric, std::string(label), value});
}

std::string metricsReference() {
    std::string out =
        "## Of the server\n\n`GET /metrics` answers with these in "
        "Prometheus' text format. A *counter* only grows and starts at 0 with the process; a "
        "*gauge* goes up and down.\n\n"
        "| metric | kind | unit | meaning |\n|---|---|---|---|\n";
    for (const auto& metric : kMetrics) {
        const std::string label =
            metric.label.empty() ? std::string() : "{" + std::string(metric.label) + "}";
        out.append("| `").append(metric.name).append(label).append("` | ");
        out.append(metric.kind == MetricKind::counter ? "counter" : "gauge").append(" | ");
        out.append(metric.unit).append(" | ").append(metric.help).append(" |\n");
    }
    return out;
}

}  // namespace parley

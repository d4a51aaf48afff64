#pragma once

#include <parley/core/histogram.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the server counts and measures. The table is metrics.def.
namespace parley {

enum class Metric : std::uint8_t {
#define METRIC(constant, name, kind, unit, help, label) constant,
#include <parley/core/metrics.def>
};

enum class MetricKind : std::uint8_t {
    counter,    ///< only grows while the process lives
    gauge,      ///< goes up and down
    histogram,  ///< counts values by their size; each count only grows while the process lives
};

/// What the table says of a metric. The views point to static storage.
struct MetricInfo {
    std::string_view name;  ///< as Prometheus knows it
    MetricKind kind;
    std::string_view unit;  ///< what it counts: "bytes", "connections"
    std::string_view help;  ///< one sentence for an operator
    /// Tells its samples apart; several have commas between them. Empty: it has one sample.
    std::string_view label;
};

/// The table's row of `metric`. Any thread.
const MetricInfo& metricInfo(Metric metric);

/// The whole table in its order. Any thread.
std::span<const MetricInfo> allMetrics();

/// The values at one moment, for the answer to one scrape. What is counted stays in the counters of
/// its owner; this gathers copies. One thread at a time.
class MetricSamples {
public:
    struct Sample {
        Metric metric;
        /// The labels' values, with commas between them; empty where the metric has no label.
        std::string label;
        double value = 0;
        std::optional<HistogramValues> histogram{};  ///< instead of `value`
    };

    /// Adds the one sample of a metric, in the table's unit. REQUIRES: the metric has no label, and
    /// no value yet.
    template <typename Number>
    void set(Metric metric, Number value) {
        add(metric, {}, static_cast<double>(value));
    }
    /// One sample of a metric with labels; copies `label`. REQUIRES: samples of one metric follow
    /// one another, each with another label; a label's value has no comma.
    template <typename Number>
    void set(Metric metric, std::string_view label, Number value) {
        add(metric, label, static_cast<double>(value));
    }

    /// A histogram; otherwise as above.
    void set(Metric metric, std::string_view label, const HistogramValues& values);

    /// In the order in which they were set.
    const std::vector<Sample>& all() const { return samples_; }

private:
    void add(Metric metric, std::string_view label, double value);

    std::vector<Sample> samples_;
};

/// docs/metrics.md, made from the table. Any thread.
std::string metricsReference();

}  // namespace parley

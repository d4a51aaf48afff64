#include "latency.h"

#include <algorithm>
#include <cmath>

namespace parley::bench {

Latency::Summary Latency::summary() const {
    if (samplesNs_.empty()) return {};
    std::vector<std::int64_t> sorted = samplesNs_;
    std::sort(sorted.begin(), sorted.end());
    const auto atUs = [&](double fraction) {
        const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
        return static_cast<double>(sorted[static_cast<std::size_t>(rank) - 1]) / 1000.0;
    };
    return {sorted.size(), atUs(0.5), atUs(0.99), atUs(1.0)};
}

}  // namespace parley::bench

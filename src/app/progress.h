#pragma once

#include <parley/core/ids.h>

#include <cstdint>
#include <functional>
#include <iostream>

namespace parley::app {

/// Says on standard error how far long work has come: once for each further tenth of it. One
/// thread.
class Tenths {
public:
    /// Work of less than `totalMin` says nothing.
    explicit Tenths(std::int64_t totalMin = 1) : totalMin_(totalMin) {}

    /// `done` of `total` is done. Where that is a further tenth, says `words(percent)`.
    template <typename Words>
    void tell(std::int64_t done, std::int64_t total, const Words& words) {
        if (total < totalMin_) return;
        const auto tenth = total > 0 ? done * 10 / total : 0;
        if (tenth == told_) return;
        told_ = tenth;
        std::cerr << "parley: " << words(tenth * 10) << std::endl;
    }
    /// Another piece of work begins, whose beginning is told, too.
    void beginAnew() { told_ = -1; }

private:
    std::int64_t totalMin_;
    std::int64_t told_ = 0;
};

/// For parley::audit::build and the like.
std::function<void(Position folded, Position head)> auditProgress(std::int64_t eventsMin = 1);

}  // namespace parley::app

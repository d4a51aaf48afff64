#pragma once

#include <parley/cluster/node_mark.h>
#include <parley/cluster/run_id.h>

#include <chrono>
#include <string>
#include <utility>

namespace parley {

/// Notices another process that says it is this node, or has its number: both would answer each
/// other's clients. The one that has just started gives way; where both have run for long, as when
/// two halves of a network meet, the one with the greater name, or the greater run. Pure but for
/// the time it is given. One thread at a time.
class TwinWatch {
public:
    using Time = std::chrono::milliseconds;
    TwinWatch(std::string name, RunId run) : name_(std::move(name)), run_(run) {}

    /// This process begins to listen: it is connected.
    void begin(Time now) { began_ = now; }
    /// A mark of any other process: the bus brings none of one's own (MessageBus::send). Two that
    /// started at the same time may have the same run, too.
    void heard(const NodeMark& mark, Time now);
    /// Why this process gives way, for good; empty: it does not.
    const std::string& reason() const { return reason_; }
    /// Whether this process has listened long enough to take requests and to be heard itself: it
    /// has not just started, nor just heard what may be a twin's.
    bool hasListened(Time now) const;

private:
    // Three marks of a node at rest. What a process before this one sent comes within less.
    static constexpr Time kListening{700};
    static constexpr Time kReal{200};
    // Of the same name: the process before this one, whose marks may be late.
    static constexpr Time kRealOfSameName{3000};
    static constexpr Time kNew{1000};
    static constexpr Time kForgotten{5000};
    static constexpr Time kSettled{15'000};

    bool isTwin(const NodeMark& mark) const;
    bool givesWay(const NodeMark& mark, Time now) const;

    const std::string name_;
    const RunId run_;
    Time began_{0};
    Time first_{0};  // heard of the twin; 0: none
    Time last_{0};
    std::string reason_;
};

}  // namespace parley

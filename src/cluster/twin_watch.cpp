#include "cluster/twin_watch.h"

#include <parley/core/logging.h>

namespace parley {

bool TwinWatch::isTwin(const NodeMark& mark) const {
    const bool isItself = mark.name == name_ && RunId{mark.number, mark.run} == run_;
    return !isItself && (mark.name == name_ || mark.number == run_.node);
}

bool TwinWatch::givesWay(const NodeMark& mark, Time now) const {
    if (first_ - began_ < kNew) return true;
    if (now - first_ < kSettled) return false;  // it has just started, and gives way itself
    return mark.name == name_ ? mark.run < run_.run : mark.name < name_;
}

void TwinWatch::heard(const NodeMark& mark, Time now) {
    if (!reason_.empty() || !isTwin(mark)) return;
    const bool isFirst = first_ == Time(0) || now - last_ > kForgotten;
    last_ = now;
    if (isFirst) {
        first_ = now;
        return;
    }
    const auto real = mark.name == name_ ? kRealOfSameName : kReal;
    if (now - first_ < real || !givesWay(mark, now)) return;
    reason_ = "another process is node \"" + mark.name + "\" with cluster.number " +
              std::to_string(mark.number) +
              ": give each node a name and a number of its own, and start this one again";
    logger().critical("node_not_unique message=\"{}\"", reason_);
}

}  // namespace parley

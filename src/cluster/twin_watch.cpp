#include "cluster/twin_watch.h"

#include <parley/core/logging.h>

namespace parley {

bool TwinWatch::isTwin(const NodeMark& mark) const {
    return mark.name == name_ || mark.number == run_.node;
}

// The others must not hear a process that is about to give way: they would take it for a later run
// of the node, and what the real one says for late.
bool TwinWatch::hasListened(Time now) const {
    const bool mayGiveWay = first_ != Time(0) && first_ - began_ < kNew;
    return now - began_ >= kListening && !(mayGiveWay && now - last_ < kListening);
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

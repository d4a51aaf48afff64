#include "engine/work_traits.h"

namespace parley {
namespace {

/// No overload takes everything: a new kind of work without one does not compile.
struct AlwaysTaken {
    bool operator()(const Command&) const { return false; }
    bool operator()(const ConnectionClosed&) const { return true; }
    bool operator()(const Barrier&) const { return false; }
    bool operator()(const OpenSession&) const { return true; }
    bool operator()(const ResumeSession&) const { return false; }
    bool operator()(const WatchDashboard&) const { return false; }
    bool operator()(const RecordAudit&) const { return false; }
    bool operator()(const ConnectionsGone&) const { return true; }
    bool operator()(const ApplyUnits&) const { return true; }  // bounded by its sender
};

struct Answered {
    bool operator()(const Command& command) const {
        return !std::holds_alternative<EndTyping>(command);  // the server's own
    }
    bool operator()(const ConnectionClosed&) const { return false; }
    bool operator()(const Barrier&) const { return true; }
    bool operator()(const OpenSession&) const { return false; }
    bool operator()(const ResumeSession&) const { return true; }
    bool operator()(const WatchDashboard&) const { return true; }
    bool operator()(const RecordAudit&) const { return true; }
    bool operator()(const ConnectionsGone&) const { return false; }
    bool operator()(const ApplyUnits&) const { return true; }
};

}  // namespace

bool isAlwaysTaken(const Work& work) {
    return std::visit(AlwaysTaken{}, work);
}

bool isAnswered(const Work& work) {
    return std::visit(Answered{}, work);
}

}  // namespace parley

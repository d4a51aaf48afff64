#include "engine/weight.h"

#include <parley/engine/replicated_unit.h>

namespace parley {
namespace {

/// No overload takes everything: a new kind of work without one does not compile.
struct Weight {
    std::size_t operator()(const Command& command) const {
        return std::visit([](const auto& one) { return textBytesOf(one); }, command);
    }
    std::size_t operator()(const ConnectionClosed&) const { return 0; }
    std::size_t operator()(const Barrier&) const { return 0; }
    std::size_t operator()(const OpenSession&) const { return 0; }
    std::size_t operator()(const ResumeSession&) const { return 0; }
    std::size_t operator()(const WatchDashboard& dashboard) const {
        return dashboard.user ? dashboard.user->str().size() : 0;
    }
    std::size_t operator()(const RecordAudit& record) const {
        const auto& [what, filters, by] = record.question;
        return what.size() + filters.size() + by.size();
    }
    std::size_t operator()(const ConnectionsGone&) const { return 0; }
    std::size_t operator()(const ApplyUnits& apply) const {
        std::size_t bytes = 0;
        for (const auto& unit : apply.units) {
            bytes += unit->changes.size();
            for (const auto& stored : unit->events) bytes += contentBytes(stored.event);
        }
        return bytes;
    }
};

}  // namespace

std::size_t weightOf(const Request& request) {
    return std::visit(Weight{}, request.work);
}

}  // namespace parley

#include <parley/cluster/run_id.h>
#include <parley/core/check.h>

namespace parley {
namespace {

// How many bits are below each part.
constexpr unsigned kNodeShift = 58;
constexpr unsigned kRunShift = 42;
constexpr unsigned kLoopShift = kConnectionBits;
constexpr unsigned kLocalLoopShift = 48;  // see ConnectionId
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kLoopShift) - 1;
constexpr std::uint64_t kLoopMask = (std::uint64_t{1} << (kRunShift - kLoopShift)) - 1;

}  // namespace

ConnectionId ClusterConnection::firstOf(RunId run) {
    return {std::uint64_t{run.node} << kNodeShift | std::uint64_t{run.run} << kRunShift};
}

ConnectionId ClusterConnection::lastOf(RunId run) {
    return {firstOf(run).value | ((std::uint64_t{1} << kRunShift) - 1)};
}

ConnectionId ClusterConnection::of(RunId run, ConnectionId local) {
    if (!local) return {};
    const auto loop = local.value >> kLocalLoopShift;
    const auto count = local.value & ((std::uint64_t{1} << kLocalLoopShift) - 1);
    PARLEY_CHECK(loop <= kLoopMask && count <= kCountMask);
    return {firstOf(run).value | loop << kLoopShift | count};
}

ConnectionId ClusterConnection::localOf(RunId run, ConnectionId connection) {
    if (connection < firstOf(run) || lastOf(run) < connection) return {};
    const auto loop = connection.value >> kLoopShift & kLoopMask;
    return {loop << kLocalLoopShift | (connection.value & kCountMask)};
}

}  // namespace parley

#include <parley/gateway/calls/wire_request.h>

#include <iterator>

namespace parley {
namespace {

enum class AnswerKind { none, event };

constexpr WireRequestInfo kRequests[] = {
#define COMMAND(constant, name, command, answer, rest) \
    {name, AnswerKind::answer == AnswerKind::event, rest, true},
#define QUERY(constant, name, query, answer, rest) \
    {name, AnswerKind::answer == AnswerKind::event, rest, false},
#include <parley/domain/requests.def>
};

}  // namespace

std::span<const WireRequestInfo> wireRequests() {
    return kRequests;
}

std::optional<WireRequest> parseWireRequest(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kRequests); ++i) {
        if (kRequests[i].name == name) return static_cast<WireRequest>(i);
    }
    return std::nullopt;
}

}  // namespace parley

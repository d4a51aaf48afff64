#include "gateway/rest/routes.h"

#include <parley/core/try.h>
#include <parley/gateway/calls/request_parser.h>

#include <type_traits>
#include <utility>

namespace parley {
namespace {

template <typename Parsed>
Result<Command> asCommand(Result<Parsed> parsed) {
    if (!parsed) return std::move(parsed).error();
    return Command(std::move(parsed).value());
}

// What the path names holds, whatever the body says.
void setParameters(Json& body, const RestCall& call) {
    if (!body.is_object()) return;
    const auto segments = segmentsOf(call.pattern);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (!segments[i].starts_with(':')) continue;
        const auto field = segments[i] == ":id" ? "conversationId" : segments[i].substr(1);
        body[std::string(field)] = call.parameter(segments[i]);
    }
}

template <typename Parsed>
Result<void> prepare(Json& body, const RestCall& call, RestServices& services) {
    // The answer to a join may be as large as one to a read.
    if constexpr (std::is_same_v<Parsed, JoinRoom>) {
        PARLEY_TRY(admitRead(services.shared));
        if (const auto nested = body.find("joinData"); nested != body.end()) {
            setParameters(*nested, call);
        }
    }
    setParameters(body, call);
    return {};
}

// Over a socket it is the user that the connection joined as.
template <typename Parsed>
Result<void> isComplete(const Parsed& command) {
    if constexpr (std::is_same_v<Parsed, LeaveRoom>) {
        if (!command.user) return Error{ErrorCode::missing_field, "userId is required"};
    }
    return {};
}

template <typename Parsed, Result<Parsed> (*parse)(const Json&, const Principal*)>
void submitParsed(const RestCall& call, RestServices& services) {
    submitCommand(call, services, [&](Json body) -> Result<Command> {
        PARLEY_TRY(prepare<Parsed>(body, call, services));
        auto parsed = parse(body, call.principal.get());
        if (parsed && !call.principal) PARLEY_TRY(isComplete(*parsed));
        return asCommand(std::move(parsed));
    });
}

}  // namespace

std::vector<RestRoute> commandRoutes() {
    std::vector<RestRoute> routes;
    const auto add = [&](std::string_view twin, RestHandler handler, RateClass rate) {
        const auto space = twin.find(' ');
        if (!twin.empty())
            routes.push_back({twin.substr(0, space), twin.substr(space + 1), handler, {}, rate});
    };
#define COMMAND(constant, name, Command, answer, twin) \
    add(twin, submitParsed<Command, parse##Command>, rateClassOf(WireRequest::constant));
#include <parley/domain/requests.def>
    return routes;
}

void startConversation(const RestCall& call, RestServices& services) {
    submitCommand(call, services, [&](const Json& body) {
        return asCommand(parseStartConversation(body, call.principal.get()));
    });
}

}  // namespace parley

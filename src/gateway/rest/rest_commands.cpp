#include "gateway/rest/routes.h"

#include <parley/gateway/calls/request_parser.h>

#include <utility>

namespace parley {
namespace {

// The conversation that the path names holds, whatever the body says.
void setConversation(Json& body, const RestCall& call) {
    if (body.is_object()) body["conversationId"] = call.parameter(":id");
}

template <typename Parsed>
Result<Command> asCommand(Result<Parsed> parsed) {
    if (!parsed) return std::move(parsed).error();
    return Command(std::move(parsed).value());
}

}  // namespace

void startConversation(const RestCall& call, RestServices& services) {
    submitCommand(call, services, [&](const Json& body) {
        const auto id = services.uuids.next(services.shared.clock.now()).str();
        return asCommand(parseStartConversation(body, ConversationId::fromStored(id)));
    });
}

void sendMessage(const RestCall& call, RestServices& services) {
    submitCommand(call, services,
                  [](const Json& body) { return asCommand(parseSendMessage(body)); });
}

void joinConversation(const RestCall& call, RestServices& services) {
    submitCommand(call, services, [&](Json body) -> Result<Command> {
        // The answer may be as large as one to a read.
        if (const auto allowed = admitRead(services.shared); !allowed) return allowed.error();
        setConversation(body, call);
        if (const auto nested = body.find("joinData"); nested != body.end()) {
            setConversation(*nested, call);
        }
        return asCommand(parseJoinRoom(body));
    });
}

void leaveConversation(const RestCall& call, RestServices& services) {
    submitCommand(call, services, [&](Json body) -> Result<Command> {
        setConversation(body, call);
        auto leave = parseLeaveRoom(body);
        // Over a socket it is the user that the connection joined as.
        if (leave && !leave->user) return Error{ErrorCode::missing_field, "userId is required"};
        return asCommand(std::move(leave));
    });
}

}  // namespace parley

#include "engine/batch/commands.h"

#include "engine/batch/command_handling.h"

#include <parley/core/try.h>

#include <iterator>
#include <type_traits>
#include <utility>

namespace parley {
namespace {

template <typename C>
using HandlingOf = Handling<std::remove_cvref_t<C>>;

}  // namespace

void Commands::carryOut(Command& command, Outcome& outcome) {
    outcome.sender = outcome.origin.connection;
    if (auto done = tryCarryOut(command, outcome); !done) {
        outcome.reply = done.error();
        refused_.fetch_add(1, std::memory_order_relaxed);
    }
}

Result<void> Commands::tryCarryOut(Command& command, Outcome& outcome) {
    auto loaded = parts_.live.conversations.get(conversationOf(command));
    if (!loaded) return parts_.unit.fail(loaded.error());
    CommandCall call{parts_, outcome, **loaded, {}};

    PARLEY_TRY(std::visit(
        [&](auto& one) { return HandlingOf<decltype(one)>::prepare(call, one, command); },
        command));
    PARLEY_TRY_ASSIGN(call.readable,
                      parts_.authorizer.mayCarryOut(command, outcome.origin, call.state));
    PARLEY_TRY_ASSIGN(
        const CommandPast past,
        std::visit([&](const auto& one) { return HandlingOf<decltype(one)>::past(call, one); },
                   command));
    auto updates = decideAndAppend(call.state, command, call.connection(),
                                   past.context(parts_.options.participantsMax));
    if (!updates) {
        outcome.facts = parts_.past.factsOf(updates.error(), call.state, past);
        return updates.error();
    }
    outcome.updates = std::move(*updates);
    return std::visit(
        [&](const auto& one) { return HandlingOf<decltype(one)>::answer(call, one, past); },
        command);
}

Result<std::vector<ProjectionUpdate>> Commands::decideAndAppend(ConversationState& state,
                                                                const Command& command,
                                                                ConnectionId by,
                                                                const DecideContext& context) {
    auto events = decide(state, command, context);
    if (!events) return events.error();
    if (events->empty()) return std::vector<ProjectionUpdate>{};
    parts_.appender.number(state, *events);
    return parts_.appender.append(state, std::move(*events), by);
}

Result<void> Commands::endTyping(const Typing& typing, std::string_view why, Outcome& outcome) {
    auto state = parts_.live.conversations.get(typing.conversation);
    if (!state) return parts_.unit.fail(state.error());
    const EndTyping end{typing.conversation, typing.user, why};
    PARLEY_TRY_ASSIGN(auto updates,
                      decideAndAppend(**state, Command(end), outcome.origin.connection, {}));
    std::move(updates.begin(), updates.end(), std::back_inserter(outcome.updates));
    return {};
}

}  // namespace parley

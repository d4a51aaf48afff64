#include <parley/domain/decide.h>

namespace parley {

const ConversationId& conversationOf(const Command& command) {
    return std::visit([](const auto& one) -> const ConversationId& { return one.conversation; },
                      command);
}

Decision decide(const ConversationState& state, const Command& command,
                const DecideContext& context) {
    return std::visit(
        [&]<typename One>(const One& one) {
            // The family's own overload: this one, which takes any command, is no match.
            using Decide = Decision (*)(const ConversationState&, const One&, const DecideContext&);
            return static_cast<Decide>(decide)(state, one, context);
        },
        command);
}

}  // namespace parley

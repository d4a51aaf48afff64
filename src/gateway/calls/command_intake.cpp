#include "gateway/calls/command_intake.h"

#include <parley/domain/identify.h>

#include <variant>

namespace parley {

Result<void> CommandIntake::complete(Command& command, const Principal* sender) {
    std::visit(
        [this](auto& one) {
            if constexpr (requires { one.idIsNew; }) {
                if (!one.idIsNew) return;
                one.conversation =
                    ConversationId::fromStored(uuids_.next(shared_.clock.now()).str());
            }
        },
        command);
    if (!sender) return {};
    auto identified = identify(command, *sender);
    if (!identified) shared_.identitiesRefused.fetch_add(1, std::memory_order_relaxed);
    return identified;
}

}  // namespace parley

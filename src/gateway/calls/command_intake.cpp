#include "gateway/calls/command_intake.h"

#include <parley/domain/identify.h>

#include <variant>

namespace parley {

Result<void> CommandIntake::complete(Command& command, const Principal* sender) {
    std::visit(
        [this](auto& one) {
            if constexpr (requires { one.idIsNew; }) {
                if (!one.idIsNew) return;
                one.conversation = ConversationId::fromStored(uuids_.next(clock_.now()).str());
            }
        },
        command);
    return sender ? identify(command, *sender) : Result<void>();
}

}  // namespace parley

#pragma once

#include <parley/core/ids.h>
#include <parley/domain/families.h>
#include <parley/domain/variant_of.h>

namespace parley {

/// Everything that can be asked of a conversation, checked for form but not yet against any state.
/// domain/requests.def lists the commands; each family's header has its own.
using Command = VariantOf<variant_of::None
#define COMMAND(constant, name, Type, ...) , Type
#define OTHER_COMMAND(Type, ...) , Type
#include <parley/domain/requests.def>
                          >;

/// The conversation that a command is about.
const ConversationId& conversationOf(const Command& command);

}  // namespace parley

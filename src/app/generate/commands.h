#pragma once

#include "app/generate/story.h"

#include <parley/domain/command.h>
#include <parley/domain/event.h>

#include <optional>

namespace parley::app::generate {

/// The request that a step is, as the gateway would hand it to the writer. `robots`: the message
/// that a share is of.
Command commandOf(const Story& story, const StoryStep& step, const ConversationId& conversation,
                  const std::optional<Event>& robots);

}  // namespace parley::app::generate

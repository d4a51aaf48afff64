#pragma once

#include "gateway/presence/typing_board.h"

#include <parley/engine/presence.h>

#include <string>

namespace parley {

/// {"version","users":[{"userId","userRole","connections"}],"watchers":[{"conversationId",
/// "users":[{"userId","userRole"}]}]}; `whole`: and "truncated", whether there is more. Any thread.
std::string presenceJson(const PresenceBoard::News& news, bool whole);

/// {"conversations":[{"conversationId","users":[{"userId","userName"}],"count"}]}. Any thread.
std::string typingJson(const TypingBoard::News& news);

}  // namespace parley

#pragma once

#include <parley/engine/presence.h>

#include <string>

namespace parley {

/// {"version","users":[{"userId","userRole","connections"}],"watchers":[{"conversationId",
/// "users":[{"userId","userRole"}]}]}; `whole`: and "truncated", whether there is more. Any thread.
std::string presenceJson(const PresenceBoard::News& news, bool whole);

}  // namespace parley

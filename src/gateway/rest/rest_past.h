#pragma once

#include "gateway/rest/rest_call.h"

#include <parley/core/ids.h>
#include <parley/gateway/calls/request_parser.h>

/// The routes of a conversation where their query asks for the past (asksPast): the same answers,
/// with `Parley-As-Of`. The loop's thread.
namespace parley {

void showPast(const RestCall& call, RestServices& services, const ConversationId& conversation);
void listPastMessages(const RestCall& call, RestServices& services, const HistoryRequest& request);
void listPastParticipants(const RestCall& call, RestServices& services,
                          const ConversationId& conversation, Position after);

}  // namespace parley

#pragma once

#include "gateway/rest/past_question.h"

#include <parley/audit/search.h>
#include <parley/core/result.h>
#include <parley/engine/reader_pool.h>

namespace parley {

/// What may be found: what both the asker and the viewer that it names may see, in all
/// conversations. A viewer that reads as a customer finds what was said in the conversations that
/// it takes part in, or left, up to there. On a reader's thread.
Result<audit::SearchSight> searchSight(ReadContext& context, const PastQuestion& who);

/// Whether the asker takes or took part in conversations, and in none of them as anything but a
/// customer: then it finds its own history alone. On a reader's thread.
/// REQUIRES: it names a user, reads as a customer and names no other viewer.
Result<bool> searchesOwnHistory(ReadContext& context, const PastQuestion& who);

}  // namespace parley

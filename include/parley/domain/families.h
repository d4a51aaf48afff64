#pragma once

#include <parley/domain/lifecycle/lifecycle.h>
#include <parley/domain/membership/membership.h>
#include <parley/domain/message/message.h>
#include <parley/domain/typing/typing.h>
#include <parley/domain/upkeep/upkeep.h>

/// All families of events. A family's header has its commands, its updates and, for each of its
/// commands, `decide`; for each of its types, `evolve` and `updateOf`. What a row of events.def or
/// requests.def lacks of these does not compile.

#pragma once

#include "app/generate/story.h"

namespace parley::app::generate {

/// Adds to `story` one visit of its customer (the person of number 0), who comes with a question:
/// from their coming to, mostly, their leaving. `begin` is when they come. `pace` is the part of
/// the usual waits that this visit has. `attendance`: as the steps before leave it; gives what this
/// visit leaves.
void addVisit(Story& story, Attendance& attendance, const People& people, UnixMillis begin,
              double pace, Dice& dice);

}  // namespace parley::app::generate

#pragma once

#include "app/generate/dice.h"

#include <parley/core/clock.h>

#include <vector>

namespace parley::app::generate {

/// When conversations begin: more by day than by night and on weekdays than at weekends (UTC), with
/// busy days now and then. A value.
class Rhythm {
public:
    /// Of the `days` days that end at `end`.
    Rhythm(UnixMillis end, int days, Dice dice);

    /// The time by which `share` of all has happened; 0 is the beginning. Grows with `share`.
    /// REQUIRES: 0 <= share < 1.
    UnixMillis at(double share) const;
    /// How much longer an answer takes at that time than in the middle of a weekday: 1 and more.
    static double slowness(UnixMillis at);

private:
    UnixMillis begin_;
    std::vector<double> sums_;  // of the weights of all hours up to this one
};

}  // namespace parley::app::generate

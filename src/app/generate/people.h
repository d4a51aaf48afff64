#pragma once

#include "app/generate/dice.h"

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/roles.h>

#include <cstddef>
#include <string>
#include <vector>

namespace parley::app::generate {

/// What a person writes in.
enum class Language : std::uint8_t {
    english,
    german,
    spanish,
    french,
    chinese,
    japanese,
    korean,
    arabic,
    hebrew,
};

/// A user, as far as what is generated asks.
struct Character {
    UserId user;
    UserRole role = UserRole::customer;
    std::string name;  ///< as others are shown it
};

/// Everybody who takes part: some staff who have shifts, a few robots, and customers without
/// number, of whom some come back. A value.
class People {
public:
    explicit People(Dice dice);

    /// An agent whose shift it is.
    const Character& agent(UnixMillis at, Dice& dice) const;
    const Character& supervisor(Dice& dice) const { return supervisors_[dice.below(4)]; }
    const Character& robot(Dice& dice) const { return robots_[dice.below(2)]; }
    /// A new customer, or one who was here before.
    Character customer(Dice& dice);
    static Language language(Dice& dice);

private:
    std::vector<Character> agents_;
    std::vector<Character> supervisors_;
    std::vector<Character> robots_;
    std::size_t customers_ = 0;
};

}  // namespace parley::app::generate

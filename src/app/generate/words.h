#pragma once

#include "app/generate/dice.h"
#include "app/generate/people.h"

#include <cstdint>
#include <string>

namespace parley::app::generate {

/// Texts that look like what people write to a support team: sentences of frequent and of rare
/// words, with the names of products and the numbers of orders among them. Any thread.

/// A message. Its length in words is log-normal. `seed`: the same text for the same seed.
std::string message(Language language, std::uint64_t seed);
/// A conversation's title.
std::string title(Language language, std::uint64_t seed);

}  // namespace parley::app::generate

#pragma once

#include "app/generate/people.h"

#include <span>
#include <string_view>

namespace parley::app::generate {

/// The words of a language, the most frequent ones first, and how sentences are put together.
struct Vocabulary {
    std::span<const std::string_view> words;
    std::string_view between;  ///< two words; empty: they are written together
    std::string_view comma;
    std::string_view stop;
    bool capitals = false;  ///< sentences begin with one
};

const Vocabulary& vocabularyOf(Language language);

}  // namespace parley::app::generate

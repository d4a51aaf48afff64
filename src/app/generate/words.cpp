#include "app/generate/words.h"

#include "app/generate/vocabulary.h"

#include <array>

namespace parley::app::generate {
namespace {

constexpr double kNamesInMessages = 0.25;
constexpr std::size_t kProducts = 20'000;

// Frequent words come first in a vocabulary: the product of two shares prefers small numbers.
std::string_view word(const Vocabulary& vocabulary, Dice& dice) {
    const auto& words = vocabulary.words;
    const double share = dice.share() * dice.share();
    return words[static_cast<std::size_t>(share * static_cast<double>(words.size()))];
}

// One of some thousand names that no dictionary has.
std::string product(Dice& dice) {
    constexpr std::array<std::string_view, 12> kBegin{"Al",  "Bor", "Cas", "Del", "Fen", "Gal",
                                                      "Kor", "Lum", "Mir", "Nor", "Tal", "Vex"};
    constexpr std::array<std::string_view, 10> kMiddle{"a",  "e",  "i",  "o",  "u",
                                                       "an", "el", "in", "or", "us"};
    constexpr std::array<std::string_view, 12> kEnd{"da",  "lio", "mat", "nix", "phon", "ra",
                                                    "ron", "sto", "ta",  "tec", "via",  "zon"};
    const std::size_t number = dice.below(kProducts);
    std::string name(kBegin[number % 12]);
    name += kMiddle[number / 12 % 10];
    name += kEnd[number / 120 % 12];
    return name + " " + std::to_string(number % 97 + 3);
}

std::string orderNumber(Dice& dice) {
    std::string number = "#";
    number += static_cast<char>('A' + dice.below(26));
    return number + std::to_string(100'000 + dice.below(900'000));
}

// Only where it is an ASCII letter.
void capitalise(std::string& text, std::size_t at) {
    if (at < text.size() && text[at] >= 'a' && text[at] <= 'z') {
        text[at] = static_cast<char>(text[at] - 'a' + 'A');
    }
}

void appendSentence(std::string& out, const Vocabulary& vocabulary, std::size_t words, Dice& dice) {
    const std::size_t begin = out.size();
    const std::size_t named = dice.chance(kNamesInMessages) ? dice.below(words) : words;
    for (std::size_t i = 0; i < words; ++i) {
        if (i > 0) out += i % 7 == 6 ? vocabulary.comma : vocabulary.between;
        if (i == named) {
            out += dice.chance(0.5) ? orderNumber(dice) : product(dice);
        } else {
            out += word(vocabulary, dice);
        }
    }
    if (vocabulary.capitals) capitalise(out, begin);
}

}  // namespace

std::string message(Language language, std::uint64_t seed) {
    const Vocabulary& vocabulary = vocabularyOf(language);
    Dice dice(seed);
    auto words = static_cast<std::size_t>(dice.logNormal(9, 0.8, 1, 200));
    std::string out;
    out.reserve(words * 8);
    while (words > 0) {
        if (!out.empty()) out += dice.chance(0.05) ? "\n" : vocabulary.stop;
        const std::size_t sentence = words <= 14 ? words : 6 + dice.below(8);
        appendSentence(out, vocabulary, sentence, dice);
        words -= sentence;
    }
    if (dice.chance(0.05)) {
        out += dice.chance(0.5) ? " 🙂" : " 👍";
    } else if (dice.chance(0.6)) {
        out += dice.chance(0.2) ? "?" : vocabulary.stop.substr(0, vocabulary.stop.find(' '));
    }
    return out;
}

std::string title(Language language, std::uint64_t seed) {
    Dice dice(seed);
    std::string out;
    appendSentence(out, vocabularyOf(language), 2 + dice.below(3), dice);
    return out;
}

}  // namespace parley::app::generate

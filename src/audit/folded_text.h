#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parley::audit {

/// A character as the index of words compares it.
struct FoldedCharacter {
    enum class Kind : std::uint8_t {
        separator,  ///< part of no word
        letter,     ///< or a digit, or a mark that makes a difference
        paired,     ///< of a script that is written without blanks, or may be
    };
    char32_t value = 0;
    Kind kind = Kind::separator;
    std::size_t begin = 0;  ///< where in the text it comes from, in bytes
};

/// Reads a text as the index of words compares it (Unicode 15, by utf8proc): compatible characters
/// as one (NFKC: full width, ligatures), upper and lower case as one (also "ß" and "ss"), accents
/// and other marks that people leave out dropped: of Latin, Greek and Cyrillic, the points of
/// Hebrew, the vowels of Arabic. Marks that make another word stay: vowels of Indic scripts and
/// Thai, the voice of Kana. What is no letter, digit or mark separates words. One thread.
class FoldedText {
public:
    /// REQUIRES: `text` outlives this. A byte that is no UTF-8 separates words.
    explicit FoldedText(std::string_view text) : text_(text), rest_(text) {}
    /// The next character; nothing at the end.
    std::optional<FoldedCharacter> next() {
        // Most text is ASCII: what follows may be a mark, but no ASCII.
        if (at_ < size_ || rest_.size() < 2 || !isAscii(rest_[0]) || !isAscii(rest_[1])) {
            return nextOfAny();
        }
        return nextOfAscii();
    }

private:
    static constexpr std::size_t kSegmentMax = 32;  // characters; a letter with more marks is two
    static constexpr std::size_t kDecomposedMax = 18;  // of one character: U+FDFA

    static constexpr bool isAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }
    FoldedCharacter nextOfAscii() {
        const char c = rest_[0];
        const std::size_t begin = text_.size() - rest_.size();
        rest_.remove_prefix(1);
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        const bool isLetter = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        return {static_cast<char32_t>(lower),
                isLetter ? FoldedCharacter::Kind::letter : FoldedCharacter::Kind::separator, begin};
    }
    std::optional<FoldedCharacter> nextOfAny();
    std::string_view takeSegment();
    void fold(std::string_view segment);

    const std::string_view text_;
    std::string_view rest_;
    // What a letter and its marks became.
    std::array<std::int32_t, kSegmentMax * kDecomposedMax> folded_{};
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
    std::size_t at_ = 0;
};

}  // namespace parley::audit

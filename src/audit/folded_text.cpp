#include "audit/folded_text.h"

#include <parley/core/code_points.h>

#include <algorithm>
#include <iterator>
#include <utf8proc.h>

namespace parley::audit {
namespace {

using Kind = FoldedCharacter::Kind;

struct Range {
    char32_t first, last;
};

template <std::size_t N>
constexpr bool isIn(const Range (&ranges)[N], char32_t c) {
    return std::ranges::any_of(ranges, [c](auto r) { return c >= r.first && c <= r.last; });
}

// Marks that people leave out, and characters that only say how a text is set. The zero width
// non-joiner separates words in Persian and is none of them.
constexpr Range kDropped[] = {
    {0x00AD, 0x00AD},                                        // soft hyphen
    {0x0300, 0x036F}, {0x0483, 0x0489},                      // accents; of old Cyrillic
    {0x0591, 0x05BD}, {0x05BF, 0x05BF},   {0x05C1, 0x05C2},  // points of Hebrew
    {0x05C4, 0x05C5}, {0x05C7, 0x05C7},   {0x0610, 0x061A}, {0x0640, 0x0640},
    {0x064B, 0x065F},  // vowels of Arabic, its long line
    {0x0670, 0x0670}, {0x06D6, 0x06DC},   {0x06DF, 0x06E4}, {0x06E7, 0x06E8},
    {0x06EA, 0x06ED}, {0x08CA, 0x08FF},   {0x180B, 0x180F},  // variants of Mongolian letters
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},                      // more accents
    {0x200D, 0x200D}, {0x2060, 0x2060},                      // joiners
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F},  // frames, variants, halves
    {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

// Of scripts that are written without blanks, or may be.
constexpr Range kPaired[] = {
    {0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},  // Thai and Lao; Burmese; Khmer
    {0xA9E0, 0xA9FF}, {0xAA60, 0xAA7F},                    // more Burmese
    {0x1100, 0x11FF}, {0x3131, 0x318E}, {0xA960, 0xA97F},  // Hangul
    {0xAC00, 0xD7FF}, {0x3041, 0x3096}, {0x309D, 0x309F},   {0x30A1, 0x30FA},  // Kana
    {0x30FC, 0x30FF}, {0x31F0, 0x31FF}, {0xFF66, 0xFF9F},   {0x2E80, 0x2FDF},
    {0x3005, 0x3007}, {0x3400, 0x4DBF},  // Han
    {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3134F},
};

// Where new characters are symbols, not letters, of which this Unicode does not know yet.
constexpr Range kSymbolBlocks[] = {{0x2000, 0x2BFF}, {0x1F000, 0x1FBFF}};

// These are folded already, unless a mark follows.
constexpr bool isFolded(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA);
}

bool isMark(char32_t c) {
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

// Belongs to the character before it: a mark, a vowel or an end of a Hangul syllable, a half-width
// voice of Kana.
bool continues(char32_t c) {
    return c >= 0x0300 && (isMark(c) || (c >= 0x1160 && c <= 0x11FF) || c == 0xFF9E || c == 0xFF9F);
}

Kind kindOf(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
        case UTF8PROC_CATEGORY_NL: return isIn(kPaired, c) ? Kind::paired : Kind::letter;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NO: return Kind::letter;
        case UTF8PROC_CATEGORY_CN: return isIn(kSymbolBlocks, c) ? Kind::separator : Kind::letter;
        default: return Kind::separator;
    }
}

}  // namespace

std::optional<FoldedCharacter> FoldedText::nextOfAny() {
    while (at_ == size_) {
        if (rest_.empty()) return std::nullopt;
        if (isAscii(rest_[0]) && (rest_.size() == 1 || isAscii(rest_[1]))) return nextOfAscii();
        begin_ = text_.size() - rest_.size();
        fold(takeSegment());
    }
    const auto c = static_cast<char32_t>(folded_[at_++]);
    return FoldedCharacter{c, isFolded(c) ? Kind::paired : kindOf(c), begin_};
}

// A character and the marks that follow it.
std::string_view FoldedText::takeSegment() {
    const auto whole = rest_;
    const bool isText = nextCodePoint(rest_).value != U'\uFFFD';
    for (std::size_t i = 1; isText && i < kSegmentMax && !rest_.empty() && !isAscii(rest_[0]);
         ++i) {
        auto after = rest_;
        if (!continues(nextCodePoint(after).value)) break;
        rest_ = after;
    }
    return whole.substr(0, whole.size() - rest_.size());
}

void FoldedText::fold(std::string_view segment) {
    at_ = size_ = 0;
    auto after = segment;
    const auto first = nextCodePoint(after);
    if (after.empty() && (isFolded(first.value) || first.value == U'\uFFFD')) {
        folded_[size_++] = static_cast<std::int32_t>(first.value);
        return;
    }
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                            UTF8PROC_CASEFOLD | UTF8PROC_STABLE);
    const auto decomposed =
        utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(segment.data()),
                           static_cast<utf8proc_ssize_t>(segment.size()), folded_.data(),
                           static_cast<utf8proc_ssize_t>(folded_.size()), options);
    if (decomposed < 0) {  // no text
        folded_[size_++] = 0xFFFD;
        return;
    }
    const auto end = std::remove_if(folded_.begin(), folded_.begin() + decomposed, [](auto c) {
        return isIn(kDropped, static_cast<char32_t>(c));
    });
    constexpr auto compose = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    const auto composed =
        utf8proc_normalize_utf32(folded_.data(), std::distance(folded_.begin(), end), compose);
    size_ = composed < 0 ? 0 : static_cast<std::size_t>(composed);
}

}  // namespace parley::audit

#include "audit/snippet.h"

#include "audit/code_points.h"

#include <Poco/Unicode.h>

#include <algorithm>

namespace parley::audit {
namespace {

constexpr std::size_t kBytesLookedAt = 64 * 1024;
constexpr std::size_t kCharactersBefore = 40;

bool isBlank(char32_t c) {
    return c <= ' ' || c == 0x7F || c == 0xA0 || c == 0x3000 || c == 0x2028 || c == 0x2029;
}

/// A text by characters.
struct Characters {
    explicit Characters(std::string_view text) {
        while (!text.empty()) {
            const auto c = nextCodePoint(text);
            folded.push_back(
                static_cast<char32_t>(Poco::Unicode::toLower(static_cast<int>(c.value))));
            bytes.push_back(c.bytes);
        }
    }
    std::u32string folded;
    std::vector<std::string_view> bytes;
};

bool beginsWord(const std::u32string& text, std::size_t at) {
    return at == 0 || isPaired(text[at]) || !Poco::Unicode::isAlpha(static_cast<int>(text[at - 1]));
}

// Where the first of them begins a word; the length of the text where none does.
std::size_t find(const Characters& text, const std::vector<std::string>& wanted) {
    for (const auto& words : wanted) {
        const std::u32string part = Characters(words).folded;
        for (auto at = text.folded.find(part); at != std::u32string::npos;
             at = text.folded.find(part, at + 1)) {
            if (beginsWord(text.folded, at)) return at;
        }
    }
    return text.folded.size();
}

std::string cut(const Characters& text, std::size_t from, std::size_t to) {
    std::string out = from > 0 ? "…" : "";
    bool blank = false;
    for (std::size_t i = from; i < to; ++i) {
        if (isBlank(text.folded[i])) {
            blank = !out.empty();
            continue;
        }
        if (blank) out += ' ';
        blank = false;
        out += text.bytes[i];
    }
    if (to < text.bytes.size()) out += "…";
    return out;
}

}  // namespace

std::string snippetOf(std::string_view content, const std::vector<std::string>& wanted) {
    const Characters text(content.substr(0, kBytesLookedAt));
    const auto size = text.bytes.size();
    auto found = find(text, wanted);
    if (found == size) found = 0;
    std::size_t from = found > kCharactersBefore ? found - kCharactersBefore : 0;
    // From the beginning of a word, where one is near.
    if (from > 0) {
        const auto blank =
            std::find_if(text.folded.begin() + static_cast<std::ptrdiff_t>(from),
                         text.folded.begin() + static_cast<std::ptrdiff_t>(found), isBlank);
        if (blank != text.folded.begin() + static_cast<std::ptrdiff_t>(found)) {
            from = static_cast<std::size_t>(blank - text.folded.begin()) + 1;
        }
    }
    return cut(text, from, std::min(from + kSnippetCharacters, size));
}

}  // namespace parley::audit

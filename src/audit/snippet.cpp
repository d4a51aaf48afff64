#include "audit/snippet.h"

#include "audit/words.h"

#include <parley/core/code_points.h>

#include <algorithm>
#include <deque>
#include <optional>

namespace parley::audit {
namespace {

constexpr std::size_t kCharactersBefore = 40;

bool isBlank(char32_t c) {
    return c <= ' ' || c == 0x7F || c == 0xA0 || c == 0x3000 || c == 0x2028 || c == 0x2029;
}

struct Phrase {
    explicit Phrase(const AskedText& asked) : isPrefix(asked.isPrefix) {
        for (std::string_view rest = asked.words; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            words.push_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    std::vector<std::string_view> words;
    bool isPrefix;
};

struct Place {
    std::string word;
    std::size_t begin;
};

// Whether the last of `read` are the phrase.
bool endsWith(const std::deque<Place>& read, const Phrase& phrase) {
    const auto& words = phrase.words;
    if (words.empty() || read.size() < words.size()) return false;
    const auto& last = read.back().word;
    if (phrase.isPrefix ? !last.starts_with(words.back()) : last != words.back()) return false;
    const auto from = read.end() - static_cast<std::ptrdiff_t>(words.size());
    return std::equal(words.begin(), words.end() - 1, from,
                      [](auto word, const Place& place) { return word == place.word; });
}

// Where the first of them begins, in bytes; nothing where none does.
std::optional<std::size_t> find(std::string_view content, const std::vector<AskedText>& wanted) {
    const std::vector<Phrase> phrases(wanted.begin(), wanted.end());
    std::size_t longest = 1;
    for (const auto& phrase : phrases) longest = std::max(longest, phrase.words.size());
    std::deque<Place> read;
    std::optional<std::size_t> found;
    Words(content).each(true, [&](std::string_view word, std::size_t begin) {
        read.push_back({std::string(word), begin});
        if (read.size() > longest) read.pop_front();
        for (const auto& phrase : phrases) {
            if (!endsWith(read, phrase)) continue;
            found = (read.end() - static_cast<std::ptrdiff_t>(phrase.words.size()))->begin;
            return false;
        }
        return true;
    });
    return found;
}

// The beginning of a word some characters before `at`, or of a character where no word is near.
std::size_t before(std::string_view content, std::size_t at) {
    std::size_t from = at;
    for (std::size_t i = 0; i < kCharactersBefore && from > 0; ++i) {
        do {
            --from;
        } while (from > 0 && (static_cast<unsigned char>(content[from]) & 0xC0U) == 0x80U);
    }
    if (from == 0) return 0;
    for (auto rest = content.substr(from, at - from); !rest.empty();) {
        const auto c = nextCodePoint(rest);
        if (isBlank(c.value)) return at - rest.size();
    }
    return from;
}

}  // namespace

std::string snippetOf(std::string_view content, const std::vector<AskedText>& wanted) {
    const std::size_t from = before(content, find(content, wanted).value_or(0));
    std::string out = from > 0 ? "…" : "";
    auto rest = content.substr(from);
    bool blank = false;
    for (std::size_t i = 0; i < kSnippetCharacters && !rest.empty(); ++i) {
        const auto c = nextCodePoint(rest);
        if (isBlank(c.value)) {
            blank = !out.empty();
            continue;
        }
        if (blank) out += ' ';
        blank = false;
        out += c.bytes;
    }
    if (!rest.empty()) out += "…";
    return out;
}

}  // namespace parley::audit

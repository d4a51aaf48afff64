#include "audit/search_text.h"

#include "audit/code_points.h"

#include <vector>

namespace parley::audit {
namespace {

/// Writes runs as pairs and everything else as it is, with blanks between them.
class Writer {
public:
    /// The next character.
    void add(const CodePoint& c) {
        if (isPaired(c.value)) {
            run_.push_back(c.bytes);
            return;
        }
        endRun(true);
        // A NUL would end the text for SQLite, a quote the phrase.
        if (c.value == 0 || c.value == '"') {
            out_ += ' ';
        } else {
            out_ += c.bytes;
        }
    }
    /// Ends the text. `alone`: the last character of a run that ends it is written alone, too.
    /// Returns whether the text ends with a run of one character, which is the beginning of a word.
    bool end(bool alone) {
        const bool single = run_.size() == 1;
        endRun(alone || single);
        return single;
    }
    std::string take() { return std::move(out_); }

private:
    void endRun(bool alone) {
        if (run_.empty()) return;
        if (!out_.empty()) out_ += ' ';
        for (std::size_t i = 0; i + 1 < run_.size(); ++i) {
            out_ += run_[i];
            out_ += run_[i + 1];
            out_ += ' ';
        }
        if (alone) {
            out_ += run_.back();
            out_ += ' ';
        }
        run_.clear();
    }

    std::string out_;
    std::vector<std::string_view> run_;
};

bool isSymbol(char32_t c) {
    const auto in = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
    if (c < 0x80) return !(in('0', '9') || in('a', 'z') || in('A', 'Z'));
    if (in(0x80, 0xBF)) return c != 0xAA && c != 0xB5 && c != 0xBA && !in(0xB2, 0xB3) && c != 0xB9;
    return c == 0xD7 || c == 0xF7 || in(0x300, 0x36F) || in(0x2000, 0x206F) || in(0x20A0, 0x20FF) ||
           in(0x2190, 0x245F) || in(0x2500, 0x2775) || in(0x2794, 0x2BFF) || in(0x3000, 0x3004) ||
           in(0x3008, 0x3020) || c == 0x30FB || in(0xFE00, 0xFE6F) || in(0xFF01, 0xFF0F) ||
           c == 0xFFFD || in(0x1F000, 0x1F0FF) || in(0x1F110, 0x1FAFF) || in(0xE0000, 0xE01EF);
}

std::string_view withoutSymbolsAtEnd(std::string_view text) {
    std::size_t end = 0;
    for (auto rest = text; !rest.empty();) {
        const auto c = nextCodePoint(rest);
        if (!isSymbol(c.value)) end = text.size() - rest.size();
    }
    return text.substr(0, end);
}

}  // namespace

std::string fedText(std::string_view content) {
    Writer writer;
    while (!content.empty()) writer.add(nextCodePoint(content));
    writer.end(true);
    return writer.take();
}

AskedText askedText(std::string_view text, bool isPrefix) {
    text = withoutSymbolsAtEnd(text);
    if (text.empty()) return {};
    Writer writer;
    char32_t last = 0;
    while (!text.empty()) {
        const auto c = nextCodePoint(text);
        last = c.value;
        writer.add(c);
    }
    // The pairs of a run find it also where it goes on.
    const bool single = writer.end(false);
    return {writer.take(), single || (isPrefix && !isPaired(last))};
}

}  // namespace parley::audit

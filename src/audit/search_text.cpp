#include "audit/search_text.h"

#include "audit/code_points.h"
#include "audit/symbols.h"

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

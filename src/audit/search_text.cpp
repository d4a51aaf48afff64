#include "audit/search_text.h"

#include "audit/words.h"

namespace parley::audit {
namespace {

std::string joined(Words& words, bool endsRuns, std::size_t size) {
    std::string text;
    text.reserve(size);
    words.each(endsRuns, [&](std::string_view word, std::size_t) {
        if (!text.empty()) text += ' ';
        text += word;
        return true;
    });
    return text;
}

}  // namespace

std::string fedText(std::string_view content) {
    Words words(content);
    return joined(words, true, content.size() + 1);
}

AskedText askedText(std::string_view text, bool isPrefix) {
    Words words(text);
    AskedText asked{joined(words, false, text.size()), false};
    // The pairs of a run find it also where it goes on.
    asked.isPrefix = words.endsWithSingle() || (isPrefix && !words.endsWithRun());
    return asked;
}

}  // namespace parley::audit

#include "audit/search_text.h"

#include <parley/audit/search_query.h>
#include <parley/core/utf8.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace parley::audit {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v\0";

struct Term {
    std::string_view text;
    bool isNot = false;
    bool isPrefix = false;
};

// Takes the next term off `text`; nothing where there is none.
std::optional<Term> nextTerm(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return std::nullopt;
    Term term;
    if (text.size() > 1 && text[0] == '-' && kBlanks.find(text[1]) == std::string_view::npos) {
        term.isNot = true;
        text.remove_prefix(1);
    }
    const bool quoted = text[0] == '"';
    if (quoted) text.remove_prefix(1);
    const auto end = std::min(quoted ? text.find('"') : text.find_first_of(kBlanks), text.size());
    term.text = text.substr(0, end);
    text.remove_prefix(std::min(quoted ? end + 1 : end, text.size()));
    if (quoted && text.starts_with('*')) {
        term.isPrefix = true;
        text.remove_prefix(1);
    } else if (!quoted && term.text.size() > 1 && term.text.ends_with('*')) {
        term.isPrefix = true;
        term.text.remove_suffix(1);
    }
    return term;
}

std::string joined(const std::vector<std::string>& terms, const char* with) {
    std::string out;
    for (const auto& term : terms) {
        if (!out.empty()) out += with;
        out += term;
    }
    return out;
}

}  // namespace

Result<SearchQuery> SearchQuery::parse(std::string_view text, const std::string& name) {
    if (!isUtf8(text)) return Error{ErrorCode::invalid_text, name + " is not well-formed Unicode"};
    if (text.size() > kBytesMax) {
        return Error{ErrorCode::too_long,
                     name + " must have at most " + std::to_string(kBytesMax) + " bytes"};
    }
    SearchQuery query;
    std::size_t terms = 0;
    while (const auto term = nextTerm(text)) {
        if (++terms > kTermsMax) {
            return Error{ErrorCode::too_long,
                         name + " must have at most " + std::to_string(kTermsMax) + " words"};
        }
        auto asked = askedText(term->text, term->isPrefix);
        if (asked.words.empty()) continue;
        (term->isNot ? query.mustNot_ : query.must_)
            .push_back('"' + asked.words + (asked.isPrefix ? "\" *" : "\""));
        if (!term->isNot) query.wanted_.push_back(std::move(asked));
    }
    if (query.must_.empty()) {
        return Error{ErrorCode::invalid_value, name + " must have a word to search for"};
    }
    return query;
}

std::string SearchQuery::matchText(const std::string& filter) const {
    std::string match = "{content} : (" + joined(must_, " AND ") + ')';
    if (!filter.empty()) match = '(' + match + " AND " + filter + ')';
    if (!mustNot_.empty())
        match = '(' + match + ") NOT {content} : (" + joined(mustNot_, " OR ") + ')';
    return match;
}

}  // namespace parley::audit

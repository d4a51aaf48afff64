#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parley::audit {

/// What the index of words is asked for.
struct AskedText {
    std::string words;      ///< a phrase: words of the index with blanks between them; empty: none
    bool isPrefix = false;  ///< its last word is the beginning of a word
};

/// What somebody searches for: words, all of which a message must have, "phrases", beginnings* of
/// words, and -words or -"phrases" that it must not have. Everything else is text: a query is never
/// taken for SQLite's own syntax. Upper and lower case and accents do not matter. Of scripts that
/// are written without blanks, any part of a run is a word. A value.
class SearchQuery {
public:
    /// Refuses with `invalid_text` what is not UTF-8, with `too_long` a query of more than
    /// kBytesMax bytes or kTermsMax terms, and with `invalid_value` one without a word that a
    /// message must have. `name`: what the errors call the query. Any thread.
    static Result<SearchQuery> parse(std::string_view text, const std::string& name = "q");

    /// As a condition of FTS5 on the columns `content` and `filter` of the index. `filter`:
    /// conditions on the latter; empty: none.
    std::string matchText(const std::string& filter) const;
    /// What a message must have: for snippets.
    const std::vector<AskedText>& wanted() const { return wanted_; }

    static constexpr std::size_t kBytesMax = 1024;
    static constexpr std::size_t kTermsMax = 32;

private:
    std::vector<std::string> must_;     // each in FTS5's quotes
    std::vector<std::string> mustNot_;  // likewise
    std::vector<AskedText> wanted_;
};

}  // namespace parley::audit

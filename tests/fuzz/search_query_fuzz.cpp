#include "audit/search_text.h"
#include "audit/snippet.h"
#include "fuzz/fuzz.h"

#include <parley/audit/search_query.h>
#include <parley/core/utf8.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <string>

using namespace parley;
using namespace parley::audit;

namespace {

/// An index of one message, as audit.db has it.
class Index {
public:
    Index() : db_(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        db_.exec(
            "CREATE VIRTUAL TABLE search USING fts5(content, filter, content = '', columnsize = 0,"
            " detail = full, tokenize = 'ascii');"
            "CREATE VIRTUAL TABLE words USING fts5vocab(search, col)");
    }
    void hold(const std::string& content) {
        db_.exec("INSERT INTO search (search) VALUES ('delete-all')");
        SQLite::Statement insert(db_, "INSERT INTO search (rowid, content, filter) VALUES (1,?,?)");
        insert.bind(1, fedText(content));
        insert.bind(2, "c1 a1 v");
        insert.exec();
    }
    bool hasWords() {
        return db_.execAndGet("SELECT count(*) FROM words WHERE col = 'content'").getInt() > 0;
    }
    /// Throws where SQLite takes the text for anything but words.
    bool finds(const SearchQuery& query, const std::string& filter = {}) {
        SQLite::Statement row(db_, "SELECT rowid FROM search WHERE search MATCH ?");
        row.bind(1, query.matchText(filter));
        return row.executeStep();
    }

private:
    SQLite::Database db_;
};

Index& index() {
    static Index one;
    return one;
}

// Without quotes, which would end a phrase, and short enough for a query.
std::string phrase(std::string_view text) {
    std::string words(text.substr(0, SearchQuery::kBytesMax - 2));
    while (!isUtf8(words)) words.pop_back();
    std::replace(words.begin(), words.end(), '"', ' ');
    return words;
}

}  // namespace

// What somebody searches for, and the message that has these words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto query = SearchQuery::parse(bytes);
    if (!isUtf8(bytes)) {
        fuzz::require(!query.ok(), "what is no text is refused");
        return 0;
    }
    index().hold(std::string(bytes));
    if (query) {
        index().finds(*query);
        fuzz::require(!index().finds(*query, "{filter} : (\"c2\")"), "a filter leaves out");
        fuzz::require(isUtf8(snippetOf(bytes, query->wanted())), "a snippet is text");
    }
    const std::string words = phrase(bytes);
    const auto own = SearchQuery::parse('"' + words + '"');
    if (!own) return 0;
    index().hold(words);
    if (index().hasWords()) fuzz::require(index().finds(*own), "a message has its own words");
    return 0;
}

#include "audit/symbols.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

using namespace parley::audit;

namespace {

void append(std::string& text, char32_t c) {
    const auto byte = [&](char32_t value) { text += static_cast<char>(value); };
    const auto more = [&](unsigned shift) { byte(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xC0 | c >> 6);
        more(0);
    } else if (c < 0x10000) {
        byte(0xE0 | c >> 12);
        more(6);
        more(0);
    } else {
        byte(0xF0 | c >> 18);
        more(12);
        more(6);
        more(0);
    }
}

/// SQLite's own tokenizer, with the options of audit.db.
class Tokenizer {
public:
    Tokenizer() {
        sqlite3_stmt* ask = nullptr;
        REQUIRE(sqlite3_prepare_v2(db_.getHandle(), "SELECT fts5(?1)", -1, &ask, nullptr) ==
                SQLITE_OK);
        fts5_api* api = nullptr;
        sqlite3_bind_pointer(ask, 1, &api, "fts5_api_ptr", nullptr);
        sqlite3_step(ask);
        sqlite3_finalize(ask);
        void* data = nullptr;
        const char* options[] = {"remove_diacritics", "2"};
        REQUIRE(api != nullptr);
        REQUIRE(api->xFindTokenizer(api, "unicode61", &data, &kind_) == SQLITE_OK);
        REQUIRE(kind_.xCreate(data, options, 2, &tokenizer_) == SQLITE_OK);
    }
    ~Tokenizer() { kind_.xDelete(tokenizer_); }
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    std::vector<std::string> words(const std::string& text) const {
        std::vector<std::string> out;
        const auto take = [](void* to, int, const char* word, int size, int, int) {
            static_cast<std::vector<std::string>*>(to)->emplace_back(
                word, static_cast<std::size_t>(size));
            return SQLITE_OK;
        };
        REQUIRE(kind_.xTokenize(tokenizer_, &out, FTS5_TOKENIZE_DOCUMENT, text.data(),
                                static_cast<int>(text.size()), take) == SQLITE_OK);
        return out;
    }

private:
    SQLite::Database db_{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    fts5_tokenizer kind_{};
    Fts5Tokenizer* tokenizer_ = nullptr;
};

}  // namespace

TEST_CASE("a symbol is what SQLite's tokenizer takes for no part of a word, of all characters") {
    const Tokenizer tokenizer;
    std::vector<unsigned> differ;
    unsigned asked = 0;
    unsigned symbols = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;  // no characters
        std::string alone;
        append(alone, c);
        const std::string after = 'a' + alone;
        const auto words = tokenizer.words(after + 'a');
        // Alone and after a letter. A dropped mark leaves the letters around it one word.
        const bool symbol = isSymbol(c);
        const bool right = symbol ? tokenizer.words(alone).empty() &&
                                        tokenizer.words(after) == std::vector<std::string>{"a"} &&
                                        (words == std::vector<std::string>{"a", "a"} ||
                                         words == std::vector<std::string>{"aa"})
                                  : tokenizer.words(alone).size() == 1 && words.size() == 1 &&
                                        words.front().size() > 2;
        if (!right) differ.push_back(static_cast<unsigned>(c));
        ++asked;
        symbols += symbol ? 1 : 0;
    }
    CHECK(differ == std::vector<unsigned>{});
    CHECK(asked == 0x110000 - 0x800);
    CHECK(symbols > 7000);
}

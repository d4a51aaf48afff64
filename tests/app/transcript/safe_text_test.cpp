#include "app/transcript/safe_text.h"

#include <catch2/catch.hpp>

using parley::app::transcripts::appendHtml;
using parley::app::transcripts::appendPlain;

namespace {

std::string html(std::string_view text) {
    std::string out;
    appendHtml(out, text);
    return out;
}

std::string plain(std::string_view text) {
    std::string out;
    appendPlain(out, text);
    return out;
}

}  // namespace

TEST_CASE("nothing that a person wrote is a tag, an attribute or a reference of HTML") {
    CHECK(html("<script>alert('1')</script>") == "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
    CHECK(html("\" onload=\"x") == "&quot; onload=&quot;x");
    CHECK(html("&lt;") == "&amp;lt;");
    for (int c = 1; c < 128; ++c) {
        const std::string out = html(std::string(1, static_cast<char>(c)));
        CHECK(out.find_first_of("<>\"'") == std::string::npos);
    }
}

TEST_CASE("texts of every script stay as they are") {
    for (const char* text : {"plain", "Größe", "您好", "注文を", "안녕", "שלום עולם", "مرحبا",
                             "\U0001F600", "two\nlines\tand a tab", "\u200F\u200E"}) {
        CHECK(html(text) == text);
        CHECK(plain(text) == text);
    }
    CHECK(plain("<b> & \"quotes\"") == "<b> & \"quotes\"");
}

TEST_CASE("characters that act on a terminal or turn a text around are shown by their numbers") {
    CHECK(plain("\x1b[2J") == "\u27E8U+001B\u27E9[2J");
    CHECK(plain("a\rb\x07\x7f") == "a\u27E8U+000D\u27E9b\u27E8U+0007\u27E9\u27E8U+007F\u27E9");
    CHECK(plain("\u009b") == "\u27E8U+009B\u27E9");
    for (const char* turns : {"\u202A", "\u202E", "\u2066", "\u2069", "\u2028", "\uFEFF"}) {
        CHECK(html(turns).starts_with("\u27E8U+"));
        CHECK(plain(turns) == html(turns));
    }
}

TEST_CASE("a byte that is no UTF-8 takes no character with it") {
    CHECK(plain("\xc3\x1b[2J") == "\uFFFD\u27E8U+001B\u27E9[2J");
    CHECK(plain("\xff\x80z") == "\uFFFD\uFFFDz");
    CHECK(plain("cut \xe6\x82") == "cut \uFFFD\uFFFD");
}

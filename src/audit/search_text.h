#pragma once

#include <string>
#include <string_view>

/// Texts as the search index is fed with them and asked for them. SQLite's tokenizer `unicode61`
/// takes a run of Han, Kana or Hangul for one word. So such a run is fed as overlapping pairs, and
/// its last character alone: every part of the run is then a phrase of what was fed, and a single
/// character is the beginning of a word. Pure; any thread.
namespace parley::audit {

/// What the index is fed with for a message. REQUIRES: UTF-8; anything else is fed as it is.
std::string fedText(std::string_view content);

/// What the index is asked for.
struct AskedText {
    std::string words;      ///< a phrase of fed text; empty: the text has no word
    bool isPrefix = false;  ///< its last word is the beginning of a word
};

/// What finds a text, word by word, in fed text; symbols (`isSymbol`) are no words. `isPrefix`: the
/// last word may go on.
AskedText askedText(std::string_view text, bool isPrefix);

}  // namespace parley::audit

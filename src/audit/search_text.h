#pragma once

#include <parley/audit/search_query.h>

#include <string>
#include <string_view>

/// Texts as the search index is fed with them and asked for them: words (words.h) with blanks
/// between them, which SQLite's tokenizer `ascii` cuts again and leaves as they are. Pure; any
/// thread.
namespace parley::audit {

/// What the index is fed with for a message. What is no UTF-8 is no word.
std::string fedText(std::string_view content);

/// What finds a text, word by word, in fed text; empty where it has no word. `isPrefix`: the last
/// word may go on.
AskedText askedText(std::string_view text, bool isPrefix);

}  // namespace parley::audit

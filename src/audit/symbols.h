#pragma once

namespace parley::audit {

/// Whether SQLite's tokenizer `unicode61 remove_diacritics 2` takes a character for no part of a
/// word. A mark that it drops from a word (U+0301) is a symbol, too; a mark that it keeps (U+FE2D)
/// is none. Pure; any thread.
bool isSymbol(char32_t c);

}  // namespace parley::audit

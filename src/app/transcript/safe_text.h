#pragma once

#include <string>
#include <string_view>

/// Texts of people as they can be shown without doing anything. Both keep line feeds and tabs, and
/// show what has no shape of its own, or would turn the text around it (control characters,
/// bidirectional embeddings, overrides and isolates), by its number: ⟨U+202E⟩. A byte that is no
/// UTF-8 becomes U+FFFD. Any thread.
namespace parley::app::transcripts {

/// For HTML, between tags and in attributes with quotes: & < > " ' are written as references.
void appendHtml(std::string& out, std::string_view text);

/// For plain text and terminals.
void appendPlain(std::string& out, std::string_view text);
std::string plain(std::string_view text);

}  // namespace parley::app::transcripts

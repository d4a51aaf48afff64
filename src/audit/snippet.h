#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::audit {

/// The part of a message's content around the first of `wanted` that is found in it, in at most
/// about kSnippetCharacters characters; its beginning where none is: upper and lower case do not
/// matter, but accents do. Blanks and line ends come as single blanks, "…" stands for what is left
/// out. Pure; any thread.
std::string snippetOf(std::string_view content, const std::vector<std::string>& wanted);

inline constexpr std::size_t kSnippetCharacters = 160;

}  // namespace parley::audit

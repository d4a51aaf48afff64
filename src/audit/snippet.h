#pragma once

#include <parley/audit/search_query.h>

#include <string>
#include <string_view>
#include <vector>

namespace parley::audit {

/// The part of a message's content around the first words in it that are one of `wanted`, as the
/// index finds them, in at most about kSnippetCharacters characters; its beginning where there are
/// none. Blanks and line ends come as single blanks, "…" stands for what is left out. Pure; any
/// thread.
std::string snippetOf(std::string_view content, const std::vector<AskedText>& wanted);

inline constexpr std::size_t kSnippetCharacters = 160;

}  // namespace parley::audit

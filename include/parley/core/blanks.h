#pragma once

#include <string_view>

namespace parley {

/// `text` without the spaces and tabs around it: HTTP's optional white space (RFC 9110, section
/// 5.6.3). The view points into `text`. Any thread.
constexpr std::string_view withoutBlanks(std::string_view text) {
    constexpr std::string_view kBlanks = " \t";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

}  // namespace parley

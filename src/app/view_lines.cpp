#include "app/view_lines.h"

namespace parley::app {
namespace {

constexpr std::string_view kComment = "--";
constexpr std::string_view kExample = "Example: ";
constexpr std::string_view kBar = " | ";

std::string_view trimmed(std::string_view text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

ViewLine lineOf(std::string_view line, bool inExample) {
    using Is = ViewLine::Is;
    if (const auto bar = line.find(kBar); bar != line.npos && !inExample) {
        return {Is::column, trimmed(line.substr(0, bar)), line.substr(bar + kBar.size())};
    }
    if (line.starts_with(kExample)) return {Is::example, line.substr(kExample.size()), {}};
    if (inExample) return {Is::sql, line.substr(line.starts_with("  ") ? 2 : 0), {}};
    return {line.empty() ? Is::blank : Is::text, line, {}};
}

}  // namespace

std::vector<ViewLine> viewLines(const SqlFile& view) {
    std::vector<ViewLine> lines;
    bool inExample = false;
    for (std::string_view rest = view.sql; rest.starts_with(kComment);) {
        const auto end = rest.find('\n');
        auto line = rest.substr(kComment.size(), end - kComment.size());
        if (line.starts_with(' ')) line.remove_prefix(1);
        lines.push_back(lineOf(line, inExample));
        inExample = inExample || lines.back().is == ViewLine::Is::example;
        rest.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace parley::app

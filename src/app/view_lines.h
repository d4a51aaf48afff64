#pragma once

#include <parley/log/schema.h>

#include <string_view>
#include <vector>

namespace parley::app {

/// A line of the comment that documents a view, at the top of its file: paragraphs, then columns
/// ("name | meaning"), then examples ("Example: title", and indented SQL).
struct ViewLine {
    enum class Is { text, blank, column, example, sql };
    Is is = Is::blank;
    std::string_view words;    ///< a column's name, an example's title
    std::string_view meaning;  ///< of a column
};

/// Of the file of a view, in its order. Views into it.
std::vector<ViewLine> viewLines(const SqlFile& view);

}  // namespace parley::app

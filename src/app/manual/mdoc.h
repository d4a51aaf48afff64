#pragma once

#include <string>
#include <string_view>

namespace parley::app::manual {

/// Writes the source of a manual page, in mdoc(7). A macro is a line of its own. One thread.
class MdocPage {
public:
    /// The page's head: parley(1) is ("parley", "1", "a persistent chat server").
    MdocPage(const std::string& name, const std::string& section, const std::string& what);

    /// A line that is written as it is: ".Bl -tag -width Ds".
    MdocPage& macro(std::string_view line);
    /// A macro with one argument of any text: macro("Sh", "EXIT STATUS").
    MdocPage& macro(std::string_view name, std::string_view argument);
    /// An option as the head of an item: its flag, and what stands for its value.
    MdocPage& option(const std::string& name, const std::string& value);
    /// Sentences, each on lines of its own. What stands in `backticks` is bold, as commands are.
    MdocPage& text(std::string_view sentences);

    const std::string& source() const { return out_; }

private:
    std::string out_;
};

}  // namespace parley::app::manual

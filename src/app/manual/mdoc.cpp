#include "app/manual/mdoc.h"

#include "app/wrapped.h"

#include <algorithm>

namespace parley::app::manual {
namespace {

constexpr std::size_t kColumns = 76;  // escapes make lines longer, of which mandoc wants 80

// For an argument of a macro, which would take some words for macros.
std::string escapedWord(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '"') {
            out += "\\(dq";
        } else {
            out += c;
        }
    }
    return '"' + out + '"';
}

// A line of text: no character of it is taken for a macro or an escape.
std::string escapedLine(const std::string& line, bool& bold) {
    std::string out = line.starts_with('.') || line.starts_with('\'') ? "\\&" : "";
    for (const char c : line) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '`') {
            bold = !bold;
            out += bold ? "\\fB" : "\\fR";
        } else {
            out += c;
        }
    }
    return out;
}

// Where a sentence ends; npos: `text` is one.
std::size_t endOfSentence(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const bool ends = text[i] == '.' || text[i] == '?' || text[i] == '!';
        if (ends && text[i + 1] == ' ') return i + 1;
    }
    return std::string_view::npos;
}

}  // namespace

MdocPage::MdocPage(const std::string& name, const std::string& section, const std::string& what) {
    std::string title;
    for (const char c : name) title += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    macro(".Dd " PARLEY_RELEASED);
    macro(".Dt " + title + ' ' + section);
    macro(".Os");
    macro(".Sh NAME");
    macro(".Nm " + name);
    macro("Nd", what);
}

MdocPage& MdocPage::macro(std::string_view line) {
    out_ += line;
    out_ += '\n';
    return *this;
}

MdocPage& MdocPage::macro(std::string_view name, std::string_view argument) {
    out_ += '.';
    out_ += name;
    out_ += ' ' + escapedWord(argument) + '\n';
    return *this;
}

MdocPage& MdocPage::option(const std::string& name, const std::string& value) {
    out_ += ".It Fl -" + name + (value.empty() ? "" : " Ar " + escapedWord(value)) + '\n';
    return *this;
}

MdocPage& MdocPage::text(std::string_view sentences) {
    bool bold = false;
    while (!sentences.empty()) {
        const auto end = endOfSentence(sentences);
        std::string lines = wrapped(std::string(sentences.substr(0, end)), kColumns);
        for (std::size_t from = 0; from < lines.size();) {
            const auto to = std::min(lines.find('\n', from), lines.size());
            out_ += escapedLine(lines.substr(from, to - from), bold) + '\n';
            from = to + 1;
        }
        sentences.remove_prefix(std::min(end, sentences.size()));
        while (sentences.starts_with(' ')) sentences.remove_prefix(1);
    }
    return *this;
}

}  // namespace parley::app::manual

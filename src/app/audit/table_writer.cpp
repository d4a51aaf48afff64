#include "app/audit/table_writer.h"

#include "app/transcript/safe_text.h"

#include <parley/core/code_points.h>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <utility>

namespace parley::app::audit {
namespace {

using transcripts::appendPlain;

// How far cells and headings are cut: first, where others can be cut too, and at last.
constexpr std::size_t kShort = 16;
constexpr std::size_t kNarrowest = 8;
constexpr std::size_t kHeading = 8;
constexpr std::size_t kNarrowestHeading = 4;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kCut = "…";

std::size_t widthOf(char32_t point) {
    // wcwidth asks the process's locale, and knows only ASCII in "C".
    static const bool ready = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    const int width = ready ? ::wcwidth(static_cast<wchar_t>(point)) : 1;
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

// On one line.
std::string shown(std::string_view text) {
    std::string safe;
    appendPlain(safe, text);
    std::string out;
    for (const char one : safe) {
        if (one == '\n') {
            out += "\\n";
        } else if (one == '\t') {
            out += "\\t";
        } else {
            out += one;
        }
    }
    return out;
}

// Whether the text is a time, a date or a number.
bool isFigures(std::string_view text) {
    constexpr std::size_t kLongest = 35;  // a time with its offset has fewer
    return !text.empty() && text.size() <= kLongest && text.front() >= '0' && text.front() <= '9' &&
           text.find_first_not_of("0123456789-+:.TZ ") == text.npos;
}

// What fits into `width` columns, with a sign where something was cut away.
std::string cutTo(const std::string& text, std::size_t width) {
    if (terminalWidth(text) <= width) return text;
    std::string out;
    std::string_view rest = text;
    for (std::size_t used = 0; !rest.empty();) {
        const auto [point, bytes] = nextCodePoint(rest);
        used += widthOf(point);
        if (used > width - 1) break;
        out += bytes;
    }
    return out += kCut;
}

// "p50_ms" -> "p50".
std::string withoutUnit(std::string_view column) {
    return column == "ms" ? "took" : std::string(column.substr(0, column.size() - 3));
}

}  // namespace

std::size_t terminalWidth(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) width += widthOf(nextCodePoint(text).value);
    return width;
}

std::string durationText(std::int64_t ms) {
    struct Unit {
        const char* name;
        std::int64_t ms;
    };
    static constexpr Unit kUnits[] = {
        {" d", 86'400'000}, {" h", 3'600'000}, {" min", 60'000}, {" s", 1000}, {" ms", 1}};
    if (ms < 0) return std::to_string(ms) + " ms";
    std::string out;
    for (const auto& [name, size] : kUnits) {
        const bool isLast = !out.empty();
        if (const auto count = ms / size; count > 0) {
            out += (isLast ? " " : "") + std::to_string(count) + name;
        }
        if (isLast) return out;
        ms %= size;
    }
    return out.empty() ? "0 ms" : out;
}

bool TableWriter::Text::isWhole() const {
    return isNumber || isFigures(text);
}

void TableWriter::begin(const std::vector<std::string>& columns) {
    columns_.resize(columns.size());
    Line heading;
    for (const auto& column : columns) {
        isDuration_.push_back(std::ranges::find(durations_, column) != durations_.end());
        heading.push_back({isDuration_.back() ? withoutUnit(column) : shown(column)});
    }
    lines_.push_back(std::move(heading));
}

void TableWriter::row(std::span<const Cell> cells) {
    Line line;
    for (const auto& cell : cells) {
        if (const auto* text = std::get_if<std::string_view>(&cell)) {
            line.push_back({shown(*text)});
        } else if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
            const bool isDuration = isDuration_[line.size()];
            line.push_back({isDuration ? durationText(*whole) : std::to_string(*whole), true});
        } else if (const auto* number = std::get_if<double>(&cell)) {
            line.push_back({numberText(*number), true});
        } else {
            line.emplace_back();
        }
    }
    if (measured_) {
        print(line);
        return;
    }
    lines_.push_back(std::move(line));
    if (lines_.size() > kRowsMeasured) printMeasured();
}

void TableWriter::end() {
    if (!measured_) printMeasured();
}

void TableWriter::measure() {
    const auto widen = [](std::size_t& width, const std::string& text) {
        width = std::max(width, terminalWidth(text));
    };
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Column& column = columns_[i];
        for (std::size_t row = 1; row < lines_.size(); ++row) {
            const Text& cell = lines_[row][i];
            widen(column.ofCells, cell.text);
            if (cell.isWhole() || cell.text.empty()) continue;
            const bool hasWords = cell.text.find(' ') != std::string::npos;
            if (column.kind != Kind::words) column.kind = hasWords ? Kind::words : Kind::ids;
        }
        column.width = column.ofCells;
        widen(column.width, lines_.front()[i].text);
    }
}

void TableWriter::printMeasured() {
    measure();
    fitTerminal();
    measured_ = true;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        print(lines_[i]);
        if (i > 0) continue;
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            out_ << (k > 0 ? kGap : "") << std::string(columns_[k].width, '-');
        }
        out_ << '\n';
    }
    lines_.clear();
}

// What people wrote gives way first, then headings, then ids; times and numbers never: a part of
// one is another one.
void TableWriter::fitTerminal() {
    if (!terminal_ || columns_.empty()) return;
    const auto gaps = kGap.size() * (columns_.size() - 1);
    const auto room = std::max<std::size_t>(static_cast<std::size_t>(*terminal_), gaps) - gaps;
    constexpr std::pair<Kind, std::size_t> kSteps[] = {
        {Kind::words, kShort},     {Kind::figures, kHeading},
        {Kind::ids, kShort},       {Kind::figures, kNarrowestHeading},
        {Kind::words, kNarrowest}, {Kind::ids, kNarrowest}};
    for (const auto& [kind, floor] : kSteps) narrow(kind, floor, room);
}

// Takes from the widest of these columns until the line fits, or nothing is left to take.
void TableWriter::narrow(Kind kind, std::size_t floor, std::size_t room) {
    const auto spare = [&](const Column& column) {
        const auto least = kind == Kind::figures ? std::max(floor, column.ofCells) : floor;
        return column.kind == kind && column.width > least ? column.width : 0;
    };
    std::size_t used = 0;
    for (const auto& column : columns_) used += column.width;
    for (; used > room; --used) {
        auto& widest = *std::ranges::max_element(columns_, {}, spare);
        if (spare(widest) == 0) return;
        --widest.width;
    }
}

void TableWriter::print(const Line& line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto& column = columns_[i];
        const bool isWhole = !terminal_ || (column.kind == Kind::figures && line[i].isWhole());
        const auto text = isWhole ? line[i].text : cutTo(line[i].text, column.width);
        const auto width = terminalWidth(text);
        const std::string pad(width < column.width ? column.width - width : 0, ' ');
        if (i > 0) out_ << kGap;
        if (line[i].isNumber) {
            out_ << pad << text;
        } else {
            out_ << text << (i + 1 < line.size() ? pad : std::string());
        }
    }
    out_ << '\n';
}

}  // namespace parley::app::audit

#include "app/audit/table_writer.h"

#include <parley/core/hex.h>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <numeric>

namespace parley::app::audit {
namespace {

constexpr std::size_t kNarrowest = 8;  // no cell is cut below this
constexpr std::string_view kGap = "  ";
constexpr std::string_view kCut = "…";

// The code point that begins at `at`, and its bytes; 1 byte for what is no UTF-8.
std::pair<wchar_t, std::size_t> codePointAt(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (bytes == 1 || at + bytes > text.size()) return {static_cast<wchar_t>(first), 1};
    auto point = static_cast<std::uint32_t>(first & (0xFF >> (bytes + 1)));
    for (std::size_t i = 1; i < bytes; ++i) {
        point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
    }
    return {static_cast<wchar_t>(point), bytes};
}

std::size_t widthOf(wchar_t point) {
    // wcwidth asks the process's locale, and knows only ASCII in "C".
    static const bool ready = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    const int width = ready ? ::wcwidth(point) : 1;
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

// Whether a terminal would do something else than show it: control characters, and those that turn
// the direction of writing around.
bool isControl(wchar_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0x2028 || point == 0x2029;
}

std::string shown(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, bytes] = codePointAt(text, at);
        if (point == '\n') {
            out += "\\n";
        } else if (isControl(point)) {
            out += "\\u";
            appendHex(out, static_cast<std::uint8_t>(point >> 8));
            appendHex(out, static_cast<std::uint8_t>(point));
        } else {
            out += text.substr(at, bytes);
        }
        at += bytes;
    }
    return out;
}

// What fits into `width` columns, with a sign where something was cut away.
std::string cutTo(const std::string& text, std::size_t width) {
    if (terminalWidth(text) <= width) return text;
    std::size_t at = 0;
    for (std::size_t used = 0; at < text.size();) {
        const auto [point, bytes] = codePointAt(text, at);
        used += widthOf(point);
        if (used > width - 1) break;
        at += bytes;
    }
    return text.substr(0, at) + std::string(kCut);
}

// "p50_ms" -> "p50".
std::string withoutUnit(std::string_view column) {
    return column == "ms" ? "took" : std::string(column.substr(0, column.size() - 3));
}

}  // namespace

std::size_t terminalWidth(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, bytes] = codePointAt(text, at);
        width += widthOf(point);
        at += bytes;
    }
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

void TableWriter::begin(const std::vector<std::string>& columns) {
    widths_.resize(columns.size());
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

void TableWriter::printMeasured() {
    for (const auto& line : lines_) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths_[i] = std::max(widths_[i], terminalWidth(line[i].text));
        }
    }
    fitTerminal();
    measured_ = true;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        print(lines_[i]);
        if (i > 0) continue;
        for (std::size_t k = 0; k < widths_.size(); ++k) {
            out_ << (k > 0 ? kGap : "") << std::string(widths_[k], '-');
        }
        out_ << '\n';
    }
    lines_.clear();
}

// Takes from the widest column until the line fits, or nothing is left to take.
void TableWriter::fitTerminal() {
    if (!terminal_ || widths_.empty()) return;
    const auto gaps = kGap.size() * (widths_.size() - 1);
    const auto room = std::max<std::size_t>(static_cast<std::size_t>(*terminal_), gaps) - gaps;
    while (std::accumulate(widths_.begin(), widths_.end(), std::size_t{0}) > room) {
        auto& widest = *std::max_element(widths_.begin(), widths_.end());
        if (widest <= kNarrowest) return;
        --widest;
    }
}

void TableWriter::print(const Line& line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto text = terminal_ ? cutTo(line[i].text, widths_[i]) : line[i].text;
        const auto width = terminalWidth(text);
        const std::string pad(width < widths_[i] ? widths_[i] - width : 0, ' ');
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

#pragma once

#include "app/audit/row_writer.h"

#include <cstddef>
#include <cstdint>

namespace parley::app::audit {

/// A table for people: columns as wide as their cells, numbers to the right. Control characters,
/// which a stranger may have written, are shown as in a transcript, line feeds and tabs as `\n` and
/// `\t`, and none of them reaches the terminal. The widths come from the first kRowsMeasured rows,
/// which are kept until then.
class TableWriter : public RowWriter {
public:
    static constexpr std::size_t kRowsMeasured = 1000;

    /// `options.columns`: longer lines are made to fit by cutting what people wrote, then headings,
    /// then ids. Times and numbers stay whole, even where the line is then too long.
    /// `options.durations`: these are shown as durationText, under a heading without `ms`.
    TableWriter(const WriterOptions& options, std::ostream& out)
        : terminal_(options.columns), durations_(options.durations), out_(out) {}

    void begin(const std::vector<std::string>& columns) override;
    void row(std::span<const Cell> cells) override;
    void end() override;

private:
    struct Text {
        std::string text;
        bool isNumber = false;
        bool isWhole() const;  // it is a number or a time, which is not cut
    };
    using Line = std::vector<Text>;
    enum class Kind { figures, ids, words };  // what a column has beside empty cells
    struct Column {
        Kind kind = Kind::figures;
        std::size_t width = 0;    // as it is printed
        std::size_t ofCells = 0;  // of its widest cell
    };

    void measure();
    void printMeasured();
    void fitTerminal();
    void narrow(Kind kind, std::size_t floor, std::size_t room);
    void print(const Line& line);

    std::optional<int> terminal_;
    std::vector<std::string> durations_;
    std::ostream& out_;
    std::vector<Column> columns_;
    std::vector<bool> isDuration_;  // by column
    std::vector<Line> lines_;       // not printed yet
    bool measured_ = false;
};

/// How long that is, in its two largest units, the rest cut off: "3 min 20 s", "2 d 4 h", "850 ms".
std::string durationText(std::int64_t ms);

/// How many columns of a terminal a text takes: 2 for wide letters (Han, Kana, Hangul), 0 for marks
/// that combine. `text` is UTF-8.
std::size_t terminalWidth(std::string_view text);

}  // namespace parley::app::audit

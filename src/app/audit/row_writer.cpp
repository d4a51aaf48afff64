#include "app/audit/row_writer.h"

#include "app/audit/table_writer.h"

#include <parley/core/json_writer.h>

#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace parley::app::audit {
namespace {

/// RFC 4180, UTF-8, with a header.
class CsvWriter : public RowWriter {
public:
    CsvWriter(bool raw, std::ostream& out) : raw_(raw), out_(out) {}

    void begin(const std::vector<std::string>& columns) override {
        for (std::size_t i = 0; i < columns.size(); ++i) text(i, columns[i]);
        out_ << "\r\n";
    }
    void row(std::span<const Cell> cells) override {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (const auto* said = std::get_if<std::string_view>(&cells[i])) {
                text(i, *said);
            } else if (const auto* whole = std::get_if<std::int64_t>(&cells[i])) {
                field(i, std::to_string(*whole));
            } else if (const auto* number = std::get_if<double>(&cells[i])) {
                field(i, numberText(*number));
            } else {
                field(i, "");
            }
        }
        out_ << "\r\n";
    }
    void end() override {}

private:
    void text(std::size_t index, std::string_view said) {
        field(index, isRunBySpreadsheets(said) ? "'" + std::string(said) : std::string(said));
    }
    // A cell that begins so is a formula to a spreadsheet, which can then do harm.
    bool isRunBySpreadsheets(std::string_view text) const {
        return !raw_ && !text.empty() &&
               std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    }
    void field(std::size_t index, const std::string& text) {
        if (index > 0) out_ << ',';
        if (text.find_first_of(",\"\r\n") == text.npos) {
            out_ << text;
            return;
        }
        out_ << '"';
        for (const char one : text) {
            if (one == '"') out_ << '"';
            out_ << one;
        }
        out_ << '"';
    }

    bool raw_;
    std::ostream& out_;
};

// Most readers of JSON keep one member of a name. Columns of the same name are told apart as SQLite
// does it in a subquery: "a", "a:1", "a:2".
std::vector<std::string> toldApart(const std::vector<std::string>& columns) {
    std::set<std::string> taken;
    std::vector<std::string> names;
    for (const auto& column : columns) {
        std::string name = column;
        for (int n = 1; !taken.insert(name).second; ++n) name = column + ':' + std::to_string(n);
        names.push_back(std::move(name));
    }
    return names;
}

/// Objects with the columns' names: one array of them, or one a line.
class JsonRows : public RowWriter {
public:
    JsonRows(bool asArray, std::ostream& out) : asArray_(asArray), out_(out) {}

    void begin(const std::vector<std::string>& columns) override {
        columns_ = toldApart(columns);
        if (asArray_) out_ << '[';
    }
    void row(std::span<const Cell> cells) override {
        line_.clear();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            line_ += i == 0 ? '{' : ',';
            appendJsonString(line_, columns_[i]);
            line_ += ':';
            appendCell(cells[i]);
        }
        line_ += '}';
        if (asArray_) out_ << (any_ ? ",\n" : "\n");
        out_ << line_;
        if (!asArray_) out_ << '\n';
        any_ = true;
    }
    void end() override {
        if (asArray_) out_ << (any_ ? "\n]\n" : "]\n");
    }

private:
    void appendCell(const Cell& cell) {
        if (const auto* text = std::get_if<std::string_view>(&cell)) {
            appendJsonString(line_, *text);
        } else if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
            line_ += std::to_string(*whole);
        } else if (const auto* number = std::get_if<double>(&cell)) {
            // JSON has no infinity; a number too large for a double is read as one, also by SQLite.
            line_ += std::isfinite(*number) ? numberText(*number)
                     : *number > 0          ? "9e999"
                                            : "-9e999";
        } else {
            line_ += "null";
        }
    }

    bool asArray_;
    bool any_ = false;
    std::vector<std::string> columns_;
    std::string line_;
    std::ostream& out_;
};

}  // namespace

std::string numberText(double number) {
    char digits[32];
    const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
    return failed == std::errc{} ? std::string(digits, end) : std::string("null");
}

std::optional<Format> formatOf(const std::string& word) {
    if (word == "table") return Format::table;
    if (word == "csv") return Format::csv;
    if (word == "json") return Format::json;
    if (word == "jsonl") return Format::jsonl;
    return std::nullopt;
}

std::unique_ptr<RowWriter> makeWriter(Format format, const WriterOptions& options,
                                      std::ostream& out) {
    switch (format) {
        case Format::csv: return std::make_unique<CsvWriter>(options.raw, out);
        case Format::json: return std::make_unique<JsonRows>(true, out);
        case Format::jsonl: return std::make_unique<JsonRows>(false, out);
        case Format::table: break;
    }
    return std::make_unique<TableWriter>(options, out);
}

}  // namespace parley::app::audit

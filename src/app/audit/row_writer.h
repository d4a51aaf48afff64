#pragma once

#include "app/audit/cell.h"

#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace parley::app::audit {

/// How an answer is printed.
enum class Format { table, csv, json, jsonl };

/// "table", "csv", "json", "jsonl"; nothing: another word.
std::optional<Format> formatOf(const std::string& word);

/// What the printing depends on beside the format.
struct WriterOptions {
    bool raw = false;            ///< CSV: cells that a spreadsheet would run stay as they are
    std::optional<int> columns;  ///< the terminal's width: wider tables are cut; nothing: none
    std::vector<std::string> durations;  ///< columns in milliseconds that a table has in words
};

/// Prints rows, one after another. One thread.
class RowWriter {
public:
    virtual ~RowWriter() = default;
    /// Call once, first.
    virtual void begin(const std::vector<std::string>& columns) = 0;
    virtual void row(std::span<const Cell> cells) = 0;
    /// Call once, last.
    virtual void end() = 0;
};

/// A writer to `out`, which outlives it.
std::unique_ptr<RowWriter> makeWriter(Format format, const WriterOptions& options,
                                      std::ostream& out);

}  // namespace parley::app::audit

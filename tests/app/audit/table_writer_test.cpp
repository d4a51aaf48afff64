#include "app/audit/table_writer.h"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

using namespace parley::app::audit;

namespace {

constexpr std::string_view kAt = "2026-11-30T08:12:59.467Z";
constexpr std::string_view kConversation = "conversation-0000494";
constexpr std::string_view kContent =
    "My order has not arrived, and nobody told me why it is late.";

// The lines of a table with these columns on a terminal of `width`: the heading, dashes, the rows.
std::vector<std::string> linesOf(int width, const std::vector<std::string>& columns,
                                 const std::vector<std::vector<Cell>>& rows) {
    std::ostringstream out;
    TableWriter table({.raw = false, .columns = width, .durations = {}}, out);
    table.begin(columns);
    for (const auto& row : rows) table.row(row);
    table.end();
    std::istringstream text(out.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

const std::vector<std::string> kColumns{"answered_position", "at", "conversation_id", "content"};

std::vector<Cell> rowOf(std::string_view conversation, std::string_view content) {
    return {std::int64_t{1234567}, kAt, conversation, content};
}

}  // namespace

TEST_CASE("a narrow terminal cuts what people wrote, and leaves times, numbers and ids whole") {
    for (const int width : {100, 90, 80}) {
        const auto lines = linesOf(width, kColumns, {rowOf(kConversation, kContent)});
        for (const auto& line : lines) {
            CHECK(terminalWidth(line) <= static_cast<std::size_t>(width));
        }
        CHECK(lines[2].find(kAt) != std::string::npos);
        CHECK(lines[2].find("1234567") != std::string::npos);
        CHECK(lines[2].find(kConversation) != std::string::npos);
        CHECK(lines[2].find(kContent) == std::string::npos);
        CHECK(lines[2].ends_with("\u2026"));
    }
}

TEST_CASE("a narrower terminal cuts ids too, never times and numbers") {
    const auto row = rowOf("0197d7e2-5067-77c2-a7e5-87e28c0b96bb", kContent);
    struct Cut {
        int width;
        std::string heading;
        std::string front;
    };
    const std::string at(kAt);
    const Cut cuts[] = {
        {70, "answere\u2026  at ", " 1234567  " + at + "  0197d7e2-5067-7\u2026  "},
        {60, "answer\u2026  at ", "1234567  " + at + "  0197d7e2-5067-\u2026  "},
        {20, "answer\u2026  at ", "1234567  " + at + "  0197d7e\u2026  "},
    };
    for (const auto& [width, heading, front] : cuts) {
        const auto lines = linesOf(width, kColumns, {row});
        CHECK(lines[0].starts_with(heading));
        CHECK(lines[2].starts_with(front));
        if (width >= 60) CHECK(terminalWidth(lines[2]) <= static_cast<std::size_t>(width));
    }
}

TEST_CASE("a time or number behind the rows that were measured is whole as well") {
    std::vector<std::vector<Cell>> rows(TableWriter::kRowsMeasured + 1, rowOf("c", "one two"));
    rows.push_back({std::int64_t{1234567890123}, kAt, std::string_view("c"), kContent});
    const auto lines = linesOf(70, kColumns, rows);
    CHECK(lines.back().find("1234567890123") != std::string::npos);
    CHECK(lines.back().find(kAt) != std::string::npos);
    CHECK(lines.back().ends_with("\u2026"));
}

TEST_CASE("a table that fits, or goes to a file, is not cut") {
    const auto lines = linesOf(200, kColumns, {rowOf(kConversation, kContent)});
    CHECK(lines[2].find(kContent) != std::string::npos);
    CHECK(lines[0].starts_with("answered_position"));
}

TEST_CASE("a cell is one line, and shows deceptive characters by their numbers") {
    const auto lines =
        linesOf(80, {"content"}, {{std::string_view("a\nb\tc\uFEFFd\u202Ee\x1b[2J\xc3")}});
    REQUIRE(lines.size() == 3);
    CHECK(lines[2] == "a\\nb\\tc\u27E8U+FEFF\u27E9d\u27E8U+202E\u27E9e\u27E8U+001B\u27E9[2J\uFFFD");
}

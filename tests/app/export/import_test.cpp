#include "app/export/exported_log.h"
#include "app/generate/dice.h"
#include "log/migrated.h"

#include <parley/log/chain_check.h>
#include <parley/log/verify.h>

#include <algorithm>
#include <fstream>
#include <map>

using namespace parley;
using namespace parley::test;
using parley::app::generate::Dice;

namespace {

ExportedLog& log() {
    static ExportedLog made(250);
    return made;
}

const std::string& wholeExport() {
    static const std::string text = exportOf(log().db());
    return text;
}

std::string rowsOf(Database& db, const std::string& query) {
    std::string out;
    SQLite::Statement rows(db.sqlite(), query);
    while (rows.executeStep()) {
        for (int i = 0; i < rows.getColumnCount(); ++i) out += rows.getColumn(i).getString() + '|';
        out += '\n';
    }
    return out;
}

// The number of the line in which `at` lies, from 1.
std::size_t lineOf(const std::string& text, std::size_t at) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// Reads an export as an import does, but stores nothing: what is wrong with it.
std::string problemOf(const std::string& text) {
    static const TempFolder folder;
    std::ofstream(folder / "export", std::ios::binary) << text;
    ChainCheck check;
    std::map<std::string, std::int64_t> keys;
    const auto done =
        app::exports::readWholeExport(folder / "export", [&](StoredEvent& stored) -> Result<void> {
            Event& event = stored.event;
            event.conversationKey = {
                keys.try_emplace(event.conversation.str(), keys.size() + 1).first->second};
            auto problem = check.problemOf(stored);
            if (problem.empty()) return {};
            return Error{ErrorCode::storage_damaged, std::move(problem)};
        });
    return done ? std::string() : done.error().message;
}

void isRefusedIn(const std::string& text, std::size_t line, const std::string& how) {
    const std::string problem = problemOf(text);
    INFO(how << ": " << problem);
    CHECK(problem.starts_with("line " + std::to_string(line) + ": "));
}

}  // namespace

TEST_CASE("what is imported is exported again, byte for byte, and verifies") {
    Imported imported(wholeExport());
    INFO(imported.problem());
    REQUIRE(imported.ok());
    CHECK(exportOf(imported.db()) == wholeExport());
    CHECK(verifyLog(imported.db()).value().good);
    CHECK(verifyLog(imported.db()).value().hash == verifyLog(log().db()).value().hash);
    CHECK(checkViews(imported.db(), [] {}).value().differences.empty());
}

TEST_CASE("an imported database has the rows of the one that was exported") {
    Imported imported(wholeExport());
    REQUIRE(imported.ok());
    SQLite::Statement tables(log().db().sqlite(),
                             "SELECT name FROM sqlite_schema WHERE type = 'table'"
                             " AND name NOT IN ('schema_migration')");
    int compared = 0;
    while (tables.executeStep()) {
        const std::string name = tables.getColumn(0).getString();
        const std::string all = "SELECT * FROM " + name + " ORDER BY 1, 2";
        INFO(name);
        CHECK(rowsOf(imported.db(), all) == rowsOf(log().db(), all));
        ++compared;
    }
    CHECK(compared > 10);
}

TEST_CASE("an empty log is exported and imported, too") {
    const auto db = migrated();
    const std::string text = exportOf(*db);
    CHECK(linesOf(text).size() == 2);
    Imported imported(text);
    INFO(imported.problem());
    REQUIRE(imported.ok());
    CHECK(exportOf(imported.db()) == text);
}

TEST_CASE("a refused import leaves nothing that looks like a database") {
    auto lines = linesOf(wholeExport());
    std::swap(lines[100], lines[101]);
    const Imported imported(joined(lines));
    CHECK_FALSE(imported.ok());
    CHECK(imported.problem() == "line 101: expected position 100, found 101");
    CHECK(imported.isEmpty());
}

TEST_CASE("a changed byte is refused, and the line that has it is named") {
    Dice dice(11);
    const std::string& text = wholeExport();
    const std::size_t firstLine = text.find('\n');
    for (int i = 0; i < 400; ++i) {
        std::string changed = text;
        const std::size_t at = dice.below(text.size());
        const std::size_t line = lineOf(text, at);
        const auto byte = static_cast<char>(dice.below(256));
        const std::size_t how = dice.below(3);
        if (how == 0) {
            if (changed[at] == byte) continue;
            changed[at] = byte;
        } else if (how == 1) {
            changed.insert(at, 1, byte);
            if (changed[at + 1] == byte) continue;  // that is no change of this line's bytes alone
        } else {
            if (at + 1 < text.size() && text[at] == text[at + 1]) continue;
            changed.erase(at, 1);
        }
        INFO("byte " << at << " of " << text.size() << ", first line " << firstLine);
        isRefusedIn(changed, line, "change " + std::to_string(how));
    }
}

TEST_CASE("a changed digit of a hash, salt or commitment is refused") {
    Dice dice(12);
    const auto lines = linesOf(wholeExport());
    int changes = 0;
    for (const char* name : {"\"hash\":\"", "\"salt\":\"", "\"commitment\":\"", "\"at\":\"2",
                             "\"seq\":", "\"content\":\""}) {
        for (std::size_t i = 1 + dice.below(20); i + 1 < lines.size(); i += 37) {
            auto changed = lines;
            const auto found = changed[i].find(name);
            if (found == std::string::npos) continue;
            char& digit = changed[i][found + std::string(name).size()];
            digit = digit == '1' ? '2' : '1';
            isRefusedIn(joined(changed), i + 1, name);
            ++changes;
        }
    }
    CHECK(changes > 12);
}

TEST_CASE("lines that are missing, doubled or swapped are refused") {
    Dice dice(13);
    const auto lines = linesOf(wholeExport());
    for (int i = 0; i < 12; ++i) {
        const std::size_t at = 1 + dice.below(lines.size() - 3);
        auto dropped = lines;
        dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(at));
        isRefusedIn(joined(dropped), at + 1, "dropped");
        auto doubled = lines;
        doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(at), lines[at]);
        isRefusedIn(joined(doubled), at + 2, "doubled");
        auto swapped = lines;
        std::swap(swapped[at], swapped[at + 1]);
        isRefusedIn(joined(swapped), at + 1, "swapped");
    }
}

TEST_CASE("a file that is cut anywhere is refused") {
    Dice dice(14);
    const std::string& text = wholeExport();
    for (int i = 0; i < 20; ++i) {
        const std::size_t size = dice.below(text.size());
        isRefusedIn(text.substr(0, size), lineOf(text, size), "cut");
    }
    auto lines = linesOf(text);
    lines.pop_back();
    isRefusedIn(joined(lines), lines.size() + 1, "without its last line");
    isRefusedIn(text.substr(0, text.size() - 1), lines.size() + 1, "without its last byte");
    isRefusedIn(text + "\n", lines.size() + 2, "with a line more");
    isRefusedIn("", 1, "empty");
}

TEST_CASE("an export of a part, or through a viewer's eyes, is refused in its first line") {
    Selection later;
    later.from = {10};
    isRefusedIn(exportOf(log().db(), later), 1, "part");
    Selection conversation;
    conversation.filters.conversations = {ConversationId::fromStored("case-0000002")};
    isRefusedIn(exportOf(log().db(), conversation), 1, "conversation");
    Selection viewer;
    viewer.filters.viewer = UserId::fromStored("customer-000001");
    const std::string seen = exportOf(log().db(), viewer);
    isRefusedIn(seen, 1, "viewer");
    // Not even where it says that it is whole.
    auto lines = linesOf(seen);
    lines.front().replace(lines.front().find("\"whole\":false"), 13, "\"whole\":true");
    CHECK_FALSE(problemOf(joined(lines)).empty());
}

TEST_CASE("an export of another version, or another file, is refused") {
    auto lines = linesOf(wholeExport());
    lines.front().replace(lines.front().find("\"version\":1"), 11, "\"version\":2");
    isRefusedIn(joined(lines), 1, "version");
    isRefusedIn("{}\n", 1, "object");
    isRefusedIn("not JSON\n", 1, "text");
    isRefusedIn(std::string(100, '\0'), 1, "bytes");
    isRefusedIn(std::string(9 << 20, 'x'), 1, "one long line");
}

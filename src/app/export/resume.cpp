#include "app/export/resume.h"

#include "app/folder_options.h"

#include <parley/core/json.h>
#include <parley/core/try.h>

#include <fstream>
#include <optional>
#include <string>
#include <system_error>

namespace parley::app::exports {
namespace {

struct WholeLines {
    std::string first;
    std::string last;  // empty where there is only the first
    std::uintmax_t bytes = 0;
    std::int64_t lines = 0;
};

Error refused(const std::filesystem::path& file, const std::string& why) {
    return {ErrorCode::file_refused, "\"" + file.string() + "\" " + why};
}

Result<WholeLines> wholeLinesOf(const std::filesystem::path& file) {
    std::error_code failed;
    if (std::filesystem::is_other(file, failed)) return refused(file, "is no regular file");
    std::ifstream in(file, std::ios::binary);
    if (!in) return refused(file, "cannot be read");
    WholeLines whole;
    for (std::string line; std::getline(in, line) && !in.eof();) {
        whole.bytes += line.size() + 1;
        (whole.lines++ == 0 ? whole.first : whole.last) = line;
    }
    if (whole.lines == 0) return refused(file, "has no whole line: remove it and begin again");
    return whole;
}

// The number at `field`, or at `position` in it, of a line of an export.
std::optional<Position> positionIn(const std::string& line, const char* field) {
    const auto json = parseJson(line);
    if (!json || !json->is_object() || !json->contains(field)) return std::nullopt;
    const Json& value = json->at(field);
    const Json* number = &value;
    if (value.is_object() && value.contains("position")) number = &value.at("position");
    if (!number->is_number_integer()) return std::nullopt;
    return Position{number->get<std::int64_t>()};
}

// Whether the log's event at that position gives this very line.
Result<bool> isLine(Database& db, Position position, const std::string& line) {
    PARLEY_TRY_ASSIGN(const auto walk, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const auto found, walk->read({position.value - 1}, 1));
    std::string out;
    if (!found.empty()) append(out, found.front());
    return out == line + "\n";
}

}  // namespace

Result<Resumed> resume(Database& db, Selection asked, const std::filesystem::path& file) {
    PARLEY_TRY(requireFile(file));
    PARLEY_TRY_ASSIGN(const WholeLines whole, wholeLinesOf(file));
    asked.through = positionIn(whole.first, "through");
    if (!asked.through) return refused(file, "is no export");
    const bool hasViewer = asked.filters.viewer.has_value();
    auto source = ExportedEvents::open(db, std::move(asked));
    std::string first;
    if (source) append(first, (*source)->beginning());
    if (!source || first != whole.first + "\n") {
        return refused(file, "was begun with other options, or is of another log");
    }
    Resumed resumed{std::move(*source), whole.bytes, whole.lines - 1, {}};
    if (whole.last.empty()) return resumed;
    if (whole.last.find("\"parley-export-end\"") != std::string::npos) {
        return refused(file, "is complete");
    }
    const auto position = positionIn(whole.last, "position");
    if (!position) return refused(file, "has a last line that is no event");
    PARLEY_TRY_ASSIGN(const bool same, isLine(db, *position, whole.last));
    if (!same) return refused(file, "has a last line that is not this log's");
    resumed.last = *position;
    if (!hasViewer) resumed.source->skipTo(*position);
    return resumed;
}

}  // namespace parley::app::exports

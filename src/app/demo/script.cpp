#include "app/demo/script.h"

#include "app/demo/conversation.h"
#include "app/demo/fields.h"

#include <parley/core/ids.h>
#include <parley/core/json.h>
#include <parley/core/try.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

namespace parley::app::sample {
namespace {

namespace fs = std::filesystem;

Result<void> readPeople(const fs::path& file, Script& script) {
    PARLEY_TRY_ASSIGN(const auto json, readObject(file));
    const std::string fileName = file.filename().string();
    PARLEY_TRY(allowKeys(json, {"company", "people"}, fileName));
    PARLEY_TRY_ASSIGN(script.company, textField(json, "company", fileName));
    PARLEY_TRY_ASSIGN(const auto people, listField(json, "people", fileName));

    int number = 0;
    for (const Json& entry : *people) {
        const std::string where = fileName + ", person " + std::to_string(++number);
        PARLEY_TRY(allowKeys(entry, {"id", "name", "role"}, where));
        PARLEY_TRY_ASSIGN(const auto id, textField(entry, "id", where));
        if (auto checked = UserId::parse(id, "id"); !checked) {
            return refuse(checked.error().code, where, checked.error().message);
        }
        PARLEY_TRY_ASSIGN(const auto name, textField(entry, "name", where));
        PARLEY_TRY_ASSIGN(const auto role, textField(entry, "role", where));
        if (!isRole(role)) {
            return refuse(ErrorCode::unknown_role, where, "unknown role \"" + role + "\"");
        }
        if (!script.people.emplace(id, Person{id, name, role}).second) {
            return refuse(ErrorCode::invalid_value, where, "\"" + id + "\" is there twice");
        }
    }
    return {};
}

}  // namespace

Result<Script> loadScript(const fs::path& folder) {
    std::error_code failed;
    if (!fs::is_directory(folder, failed)) {
        return Error{ErrorCode::not_found, "the sample folder \"" + folder.string() +
                                               "\" is not there; it is data/sample of the source "
                                               "tree, with people.json in it"};
    }
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const fs::path& file = entry->path();
        if (file.extension() == ".json" && file.filename() != "people.json") files.push_back(file);
    }
    if (failed) {
        return Error{ErrorCode::not_found,
                     "cannot list \"" + folder.string() + "\": " + failed.message()};
    }
    if (files.empty()) {
        return Error{ErrorCode::not_found,
                     "the sample folder \"" + folder.string() + "\" has no conversation (*.json)"};
    }
    std::sort(files.begin(), files.end());

    Script script;
    PARLEY_TRY(readPeople(folder / "people.json", script));
    for (const fs::path& file : files) {
        PARLEY_TRY(readConversation(file, script));
    }
    std::stable_sort(script.steps.begin(), script.steps.end(),
                     [](const Step& a, const Step& b) { return a.atSeconds < b.atSeconds; });
    return script;
}

std::string timeOfDay(int atSeconds) {
    char text[8];
    std::snprintf(text, sizeof text, "%02d:%02d", (atSeconds / 3600) % 24, (atSeconds / 60) % 60);
    return text;
}

}  // namespace parley::app::sample

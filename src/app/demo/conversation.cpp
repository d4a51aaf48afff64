#include "app/demo/conversation.h"

#include "app/demo/fields.h"

#include <parley/core/ids.h>
#include <parley/core/json.h>
#include <parley/core/try.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace parley::app::sample {
namespace {

constexpr int kSecondsOfDay = 24 * 60 * 60;

constexpr std::array<std::pair<std::string_view, Deed>, 7> kDeeds = {{
    {"join", Deed::join},
    {"type", Deed::type},
    {"stop", Deed::stop},
    {"say", Deed::say},
    {"note", Deed::note},
    {"share", Deed::share},
    {"leave", Deed::leave},
}};

bool isStaff(const Person& person) {
    return person.role == "cx-agent" || person.role == "cx-supervisor";
}

// "08:31" → seconds since midnight.
std::optional<int> parseTimeOfDay(const std::string& text) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (hours > 23 || minutes > 59) return std::nullopt;
    return (hours * 60 + minutes) * 60;
}

// Remembers who is in the room and what has been said, as the server will.
class ConversationReader {
public:
    ConversationReader(const std::filesystem::path& file, Script& script)
        : file_(file), fileName_(file.filename().string()), script_(script) {}

    Result<void> read() {
        PARLEY_TRY_ASSIGN(const auto json, readObject(file_));
        PARLEY_TRY(readHeader(json));
        PARLEY_TRY_ASSIGN(const auto steps, listField(json, "steps", fileName_));
        int number = 0;
        for (const Json& entry : *steps) {
            where_ = fileName_ + ", step " + std::to_string(++number);
            PARLEY_TRY_ASSIGN(auto step, readStep(entry));
            PARLEY_TRY(play(step));
            script_.steps.push_back(std::move(step));
        }
        return {};
    }

private:
    Result<void> readHeader(const Json& json) {
        PARLEY_TRY(allowKeys(json, {"id", "title", "language", "starts", "steps"}, fileName_));
        PARLEY_TRY_ASSIGN(const auto id, textField(json, "id", fileName_));
        if (auto checked = ConversationId::parse(id, "id"); !checked) {
            return refuse(checked.error().code, fileName_, checked.error().message);
        }
        PARLEY_TRY_ASSIGN(const auto title, textField(json, "title", fileName_));
        PARLEY_TRY_ASSIGN(const auto language, textField(json, "language", fileName_));
        PARLEY_TRY_ASSIGN(const auto starts, textField(json, "starts", fileName_));
        const auto startsAt = parseTimeOfDay(starts);
        if (!startsAt) {
            return refuse(ErrorCode::invalid_value, fileName_,
                          "\"starts\" must be a time as \"08:31\", not \"" + starts + "\"");
        }
        const auto& known = script_.conversations;
        if (std::any_of(known.begin(), known.end(), [&](const auto& c) { return c.id == id; })) {
            return refuse(ErrorCode::invalid_value, fileName_,
                          "another file has the id \"" + id + "\"");
        }
        startsAt_ = *startsAt;
        lastAt_ = startsAt_;
        script_.conversations.push_back({id, title, language});
        return {};
    }

    Result<Step> readStep(const Json& json) {
        PARLEY_TRY(allowKeys(json, {"at", "who", "do", "to", "as", "of", "text"}, where_));
        Step step;
        step.conversation = script_.conversations.size() - 1;
        const auto at = json.find("at");
        if (at == json.end() || !at->is_number_unsigned() ||
            at->get<std::uint64_t>() >= kSecondsOfDay) {
            return refuse(ErrorCode::invalid_value, where_,
                          "\"at\" must be the whole seconds since the conversation started");
        }
        step.atSeconds = startsAt_ + at->get<int>();
        if (step.atSeconds < lastAt_ || step.atSeconds >= kSecondsOfDay) {
            return refuse(ErrorCode::invalid_value, where_,
                          "\"at\" goes back in time or past midnight");
        }
        lastAt_ = step.atSeconds;
        PARLEY_TRY_ASSIGN(step.who, textField(json, "who", where_));
        PARLEY_TRY_ASSIGN(const auto deed, textField(json, "do", where_));
        const auto known = std::find_if(kDeeds.begin(), kDeeds.end(),
                                        [&](const auto& row) { return row.first == deed; });
        if (known == kDeeds.end()) {
            return refuse(
                ErrorCode::invalid_value, where_,
                "\"do\" is none of join, type, stop, say, note, share, leave: \"" + deed + "\"");
        }
        step.deed = known->second;
        PARLEY_TRY(readWords(json, step));
        return step;
    }

    // What only some deeds have; a key that does not belong to the deed is refused.
    Result<void> readWords(const Json& json, Step& step) {
        const bool speaks = step.deed == Deed::say || step.deed == Deed::note;
        const auto take = [&](const char* key, bool belongs, bool required,
                              std::string& into) -> Result<void> {
            if (!belongs && json.contains(key)) {
                return refuse(ErrorCode::invalid_value, where_,
                              "\"" + std::string(key) + "\" does not belong to this \"do\"");
            }
            if (!belongs || (!required && !json.contains(key))) return {};
            PARLEY_TRY_ASSIGN(into, textField(json, key, where_));
            return {};
        };
        const bool says = step.deed == Deed::say;
        PARLEY_TRY(take("text", speaks, true, step.text));
        PARLEY_TRY(take("to", says, false, step.toRole));
        PARLEY_TRY(take("as", says, false, step.label));
        PARLEY_TRY(take("of", step.deed == Deed::share, true, step.label));
        return {};
    }

    Result<void> play(const Step& step) {
        const auto found = script_.people.find(step.who);
        if (found == script_.people.end()) {
            return refuse(ErrorCode::invalid_value, where_,
                          "\"" + step.who + "\" is not in people.json");
        }
        const Person& person = found->second;
        const bool inRoom = present_.count(step.who) != 0;
        if (step.deed == Deed::join) {
            if (inRoom) return impossible(step.who + " has joined already");
            present_.insert(step.who);
            return {};
        }
        if (!inRoom) return impossible(step.who + " has not joined");
        if (step.deed == Deed::leave) present_.erase(step.who);
        if (step.deed == Deed::note && !isStaff(person)) {
            return impossible("only agents and supervisors write notes");
        }
        if (step.deed == Deed::say) return playSay(step, person);
        if (step.deed == Deed::share) return playShare(step, person);
        return {};
    }

    Result<void> playSay(const Step& step, const Person& person) {
        if (!step.toRole.empty() && !isRole(step.toRole)) {
            return refuse(ErrorCode::unknown_role, where_,
                          "\"to\" is an unknown role: \"" + step.toRole + "\"");
        }
        if (!step.label.empty() && !authorRoles_.emplace(step.label, person.role).second) {
            return impossible("\"" + step.label + "\" names an earlier message already");
        }
        return {};
    }

    Result<void> playShare(const Step& step, const Person& person) {
        if (!isStaff(person)) return impossible("only agents and supervisors share");
        const auto said = authorRoles_.find(step.label);
        if (said == authorRoles_.end()) {
            return impossible("no earlier message is named \"" + step.label + "\"");
        }
        if (said->second != "robot") {
            return impossible("\"" + step.label + "\" is not a robot's message");
        }
        return {};
    }

    Error impossible(const std::string& why) const {
        return refuse(ErrorCode::invalid_value, where_, why);
    }

    const std::filesystem::path& file_;
    const std::string fileName_;
    Script& script_;
    std::string where_;
    int startsAt_ = 0;
    int lastAt_ = 0;
    std::set<std::string> present_;
    std::map<std::string, std::string> authorRoles_;  // label → role of who said it
};

}  // namespace

Result<void> readConversation(const std::filesystem::path& file, Script& script) {
    return ConversationReader(file, script).read();
}

}  // namespace parley::app::sample

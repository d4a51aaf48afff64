#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app::sample {

struct Person {
    std::string id;
    std::string name;
    std::string role;  ///< as on the wire: "cx-customer" ...
};

struct Conversation {
    std::string id;
    std::string title;
    std::string language;  ///< BCP 47, for people
};

enum class Deed { join, type, stop, say, note, share, leave };

/// One thing one person does. `conversation` and `who` exist in the script it belongs to.
struct Step {
    int atSeconds = 0;             ///< of the day, from midnight
    std::size_t conversation = 0;  ///< index in Script::conversations
    std::string who;
    Deed deed = Deed::join;
    std::string text;    ///< of say and note
    std::string toRole;  ///< of say; empty: to everybody in the room
    std::string label;   ///< of say: its name within the conversation; of share: the name it means
};

/// The sample day. Steps of all conversations in the order in which they happen; a step that
/// needs another (typing needs joining, sharing needs what is shared) comes after it.
struct Script {
    std::string company;
    std::map<std::string, Person> people;
    std::vector<Conversation> conversations;
    std::vector<Step> steps;
};

/// Reads people.json and every other *.json of `folder`; the format is in the README.md beside
/// the sample files. Refuses with the file and the step in the message: `not_found` without
/// the folder or its files, else what is wrong (`missing_field`, `wrong_type`, ...). Never throws.
Result<Script> loadScript(const std::filesystem::path& folder);

/// "08:31", for progress lines and messages.
std::string timeOfDay(int atSeconds);

}  // namespace parley::app::sample

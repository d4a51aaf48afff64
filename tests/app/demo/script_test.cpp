#include "app/demo/script.h"

#include "support/temp_folder.h"

#include <parley/app/demo.h>
#include <parley/core/limits.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace fs = std::filesystem;
using namespace parley;
using namespace parley::app::sample;

namespace {

const fs::path kSample = fs::path(PARLEY_SOURCE_DIR) / "data" / "sample";

Script sample() {
    auto script = loadScript(kSample);
    if (!script) FAIL(script.error().message);
    return *script;
}

bool isStaff(const Person& person) {
    return person.role == "cx-agent" || person.role == "cx-supervisor";
}

/// A sample folder of one conversation, made for one test and removed after it.
class Folder {
public:
    Folder() {
        write("people.json", R"({"company": "Testers", "people": [
            {"id": "carl", "name": "Carl", "role": "cx-customer"},
            {"id": "anna", "name": "Anna", "role": "cx-agent"},
            {"id": "robo", "name": "Robo", "role": "robot"}]})");
        steps(R"({"at": 0, "who": "carl", "do": "join"})");
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path() / name, std::ios::binary) << text;
    }
    void steps(const std::string& list) const {
        write("one.json", R"({"id": "one", "title": "One", "language": "en", "starts": "09:00",
                              "steps": [)" +
                              list + "]}");
    }
    Result<Script> load() const { return loadScript(path()); }
    /// The refusal's message; the folder must be refused with this code.
    std::string refusal(ErrorCode code) const {
        const auto script = load();
        REQUIRE_FALSE(script.ok());
        CHECK(script.error().name() == errorInfo(code).name);
        return script.error().message;
    }
    const fs::path& path() const { return folder_.path(); }

private:
    TempFolder folder_;
};

const std::string kCarlJoins = R"({"at": 0, "who": "carl", "do": "join"},)";
const std::string kAnnaJoins = R"({"at": 1, "who": "anna", "do": "join"},)";

}  // namespace

using Catch::Contains;

TEST_CASE("the sample day is at least twelve conversations in six languages, two of them RTL") {
    const Script script = sample();
    CHECK(script.conversations.size() >= 12);
    std::set<std::string> languages;
    for (const auto& conversation : script.conversations) languages.insert(conversation.language);
    CHECK(languages.size() >= 6);
    CHECK(languages.count("ar") == 1);
    CHECK(languages.count("he") == 1);
}

TEST_CASE("the sample day has a team of agents, one supervisor and one robot") {
    std::map<std::string, int> byRole;
    for (const auto& [id, person] : sample().people) ++byRole[person.role];
    CHECK(byRole["cx-agent"] >= 3);
    CHECK(byRole["cx-supervisor"] == 1);
    CHECK(byRole["robot"] == 1);
    CHECK(byRole["cx-customer"] >= 12);
}

TEST_CASE("everybody of the sample day does something") {
    const Script script = sample();
    std::set<std::string> seen;
    for (const Step& step : script.steps) seen.insert(step.who);
    for (const auto& [id, person] : script.people) {
        INFO(id);
        CHECK(seen.count(id) == 1);
    }
}

TEST_CASE("in each sample conversation a customer types and writes, and staff answers openly") {
    const Script script = sample();
    for (std::size_t i = 0; i < script.conversations.size(); ++i) {
        INFO(script.conversations[i].id);
        bool customerTypes = false;
        bool customerWrites = false;
        bool staffAnswers = false;
        for (const Step& step : script.steps) {
            if (step.conversation != i) continue;
            const Person& person = script.people.at(step.who);
            const bool customer = person.role == "cx-customer";
            customerTypes |= customer && step.deed == Deed::type;
            customerWrites |= customer && step.deed == Deed::say;
            staffAnswers |= isStaff(person) && step.deed == Deed::say && step.toRole.empty();
        }
        CHECK(customerTypes);
        CHECK(customerWrites);
        CHECK(staffAnswers);
    }
}

TEST_CASE("the sample day has messages hidden from customers, and messages shared with them") {
    const Script script = sample();
    int robotSays = 0, shares = 0, notes = 0, asksSupervisor = 0, answers = 0, leaves = 0,
        stops = 0;
    for (const Step& step : script.steps) {
        const std::string& role = script.people.at(step.who).role;
        robotSays += step.deed == Deed::say && role == "robot";
        shares += step.deed == Deed::share;
        notes += step.deed == Deed::note;
        asksSupervisor += role == "cx-agent" && step.toRole == "cx-supervisor";
        answers += role == "cx-supervisor" && step.toRole == "cx-agent";
        leaves += step.deed == Deed::leave;
        stops += step.deed == Deed::stop;
    }
    CHECK(robotSays > shares);
    CHECK(shares >= 1);
    CHECK(notes >= 1);
    CHECK(asksSupervisor >= 1);
    CHECK(answers >= 1);
    CHECK(leaves >= 2);
    CHECK(stops >= 1);
}

TEST_CASE("the sample day has emoji and one long message, all within the server's limits") {
    bool emoji = false;
    std::size_t longest = 0;
    for (const Step& step : sample().steps) {
        emoji |= step.text.find("\xF0\x9F") != std::string::npos;
        longest = std::max(longest, step.text.size());
    }
    CHECK(emoji);
    CHECK(longest > 1500);
    CHECK(longest <= limits::kContentBytesMax);
}

TEST_CASE("the steps of all conversations are one day in order, and some overlap") {
    const Script script = sample();
    CHECK(std::is_sorted(script.steps.begin(), script.steps.end(),
                         [](const Step& a, const Step& b) { return a.atSeconds < b.atSeconds; }));
    std::set<std::size_t> left;
    bool overlap = false;
    for (std::size_t i = 1; i < script.steps.size(); ++i) {
        if (script.steps[i].conversation == script.steps[i - 1].conversation) continue;
        left.insert(script.steps[i - 1].conversation);
        overlap |= left.count(script.steps[i].conversation) == 1;
    }
    CHECK(overlap);
}

TEST_CASE("a conversation's steps become times of the day") {
    Folder folder;
    folder.steps(kCarlJoins + R"({"at": 75, "who": "carl", "do": "say", "text": "hi"})");
    const auto script = folder.load();
    REQUIRE(script.ok());
    REQUIRE(script->steps.size() == 2);
    CHECK(script->steps[1].atSeconds == 9 * 3600 + 75);
    CHECK(script->steps[1].text == "hi");
    CHECK(timeOfDay(script->steps[1].atSeconds) == "09:01");
}

TEST_CASE("a step is refused with its file and number") {
    Folder folder;
    struct Case {
        std::string step;
        ErrorCode code;
        std::string says;
    };
    const auto bad = GENERATE(
        Case{R"({"at": 2, "who": "nobody", "do": "join"})", ErrorCode::invalid_value,
             "\"nobody\" is not in people.json"},
        Case{R"({"at": 2, "who": "anna", "do": "dance"})", ErrorCode::invalid_value, "dance"},
        Case{R"({"at": 2, "do": "join"})", ErrorCode::missing_field, "\"who\" is missing"},
        Case{R"({"at": 2, "who": 7, "do": "join"})", ErrorCode::wrong_type, "\"who\""},
        Case{R"({"at": 0, "who": "anna", "do": "type"})", ErrorCode::invalid_value, "\"at\""},
        Case{R"({"at": -1, "who": "anna", "do": "type"})", ErrorCode::invalid_value, "\"at\""},
        Case{R"({"at": 86399, "who": "anna", "do": "type"})", ErrorCode::invalid_value, "\"at\""},
        Case{R"({"who": "anna", "do": "type"})", ErrorCode::invalid_value, "\"at\""},
        Case{R"({"at": 2, "who": "anna", "do": "join"})", ErrorCode::invalid_value, "already"},
        Case{R"({"at": 2, "who": "robo", "do": "type"})", ErrorCode::invalid_value,
             "robo has not joined"},
        Case{R"({"at": 2, "who": "anna", "do": "say"})", ErrorCode::missing_field, "\"text\""},
        Case{R"({"at": 2, "who": "anna", "do": "say", "text": ""})", ErrorCode::invalid_value,
             "\"text\""},
        Case{R"({"at": 2, "who": "anna", "do": "type", "text": "x"})", ErrorCode::invalid_value,
             "\"text\""},
        Case{R"({"at": 2, "who": "anna", "do": "say", "text": "x", "to": "boss"})",
             ErrorCode::unknown_role, "boss"},
        Case{R"({"at": 2, "who": "anna", "do": "say", "txet": "x"})", ErrorCode::invalid_value,
             "txet"},
        Case{R"({"at": 2, "who": "carl", "do": "note", "text": "x"})", ErrorCode::invalid_value,
             "notes"},
        Case{R"({"at": 2, "who": "anna", "do": "share", "of": "x"})", ErrorCode::invalid_value,
             "no earlier message"},
        Case{R"({"at": 2, "who": "anna", "do": "share"})", ErrorCode::missing_field, "\"of\""},
        Case{R"("join")", ErrorCode::wrong_type, "object"});
    folder.steps(kCarlJoins + kAnnaJoins + bad.step);
    INFO(bad.step);
    const std::string message = folder.refusal(bad.code);
    CHECK_THAT(message, Contains("one.json, step 3: "));
    CHECK_THAT(message, Contains(bad.says));
}

TEST_CASE("only a robot's message can be shared, and not by a customer") {
    Folder folder;
    const std::string robotSays =
        R"({"at": 2, "who": "robo", "do": "join"},
           {"at": 3, "who": "robo", "do": "say", "text": "a", "as": "answer"},
           {"at": 4, "who": "carl", "do": "say", "text": "q", "as": "question"},)";
    const auto shareBy = [&](const std::string& who, const std::string& what) {
        folder.steps(kCarlJoins + kAnnaJoins + robotSays + R"({"at": 5, "who": ")" + who +
                     R"(", "do": "share", "of": ")" + what + "\"}");
    };
    shareBy("anna", "answer");
    CHECK(folder.load().ok());
    shareBy("anna", "question");
    CHECK_THAT(folder.refusal(ErrorCode::invalid_value),
               Contains("one.json, step 6: \"question\" is not a robot's message"));
    shareBy("carl", "answer");
    CHECK_THAT(folder.refusal(ErrorCode::invalid_value), Contains("one.json, step 6: only agents"));
}

TEST_CASE("a person who has left must join again before the next action") {
    Folder folder;
    const std::string leaves = R"({"at": 2, "who": "carl", "do": "leave"},)";
    folder.steps(kCarlJoins + leaves + R"({"at": 3, "who": "carl", "do": "type"})");
    CHECK_THAT(folder.refusal(ErrorCode::invalid_value), Contains("step 3: carl has not joined"));
    folder.steps(kCarlJoins + leaves + R"({"at": 3, "who": "carl", "do": "join"})");
    CHECK(folder.load().ok());
}

TEST_CASE("a file that is no conversation is refused by its name") {
    Folder folder;
    SECTION("broken JSON") {
        folder.write("two.json", "{");
        CHECK_THAT(folder.refusal(ErrorCode::invalid_request), Contains("two.json: "));
    }
    SECTION("an id that another file has") {
        folder.write("two.json", R"({"id": "one", "title": "t", "language": "en",
            "starts": "10:00", "steps": [{"at": 0, "who": "carl", "do": "join"}]})");
        CHECK_THAT(folder.refusal(ErrorCode::invalid_value), Contains("two.json: another file"));
    }
    SECTION("a start that is no time") {
        folder.write("two.json", R"({"id": "two", "title": "t", "language": "en",
            "starts": "25:00", "steps": [{"at": 0, "who": "carl", "do": "join"}]})");
        CHECK_THAT(folder.refusal(ErrorCode::invalid_value), Contains("25:00"));
    }
    SECTION("no steps") {
        folder.steps("");
        CHECK_THAT(folder.refusal(ErrorCode::missing_field), Contains("one.json: \"steps\""));
    }
}

TEST_CASE("invalid people are refused with their number") {
    Folder folder;
    SECTION("an unknown role") {
        folder.write("people.json",
                     R"({"company": "T", "people": [{"id": "a", "name": "A", "role": "king"}]})");
        CHECK_THAT(folder.refusal(ErrorCode::unknown_role),
                   Contains("people.json, person 1: unknown role \"king\""));
    }
    SECTION("an id twice") {
        folder.write("people.json", R"({"company": "T", "people": [
            {"id": "a", "name": "A", "role": "robot"}, {"id": "a", "name": "B", "role": "robot"}]})");
        CHECK_THAT(folder.refusal(ErrorCode::invalid_value),
                   Contains("people.json, person 2: \"a\" is there twice"));
    }
    SECTION("no people.json at all") {
        fs::remove(folder.path() / "people.json");
        CHECK_THAT(folder.refusal(ErrorCode::not_found), Contains("people.json"));
    }
}

TEST_CASE("the demo says which sample folder is missing before it looks for a server") {
    std::ostringstream out;
    app::DemoOptions options{.out = out};
    options.url = "http://localhost:1";
    options.dataDir = kSample / "missing";
    const auto report = app::runDemo(options);
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().code == ErrorCode::not_found);
    CHECK_THAT(report.error().message, Contains(options.dataDir.string()));
    CHECK(out.str().empty());
}

TEST_CASE("the demo refuses a URL that is not a server's") {
    std::ostringstream out;
    app::DemoOptions options{.out = out};
    options.dataDir = kSample;
    options.url = GENERATE("ftp://localhost:3500", "localhost:3500", "http://localhost:3500/x", "");
    INFO(options.url);
    const auto report = app::runDemo(options);
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().code == ErrorCode::invalid_value);
    CHECK_THAT(report.error().message, Contains("http://localhost:3500, not"));
}

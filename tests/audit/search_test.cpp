// What is found, for whom, and that a query is never taken for anything but words.
#include "audit/audit_log.h"
#include "audit/search_text.h"
#include "audit/snippet.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>
#include <parley/audit/search.h>
#include <parley/log/read/key_lookup.h>

#include <random>

using namespace parley;
using namespace parley::test;

namespace {

ConversationId room(const std::string& id) {
    return ConversationId::fromStored(id);
}
UserId user(const std::string& id) {
    return UserId::fromStored(id);
}

/// A log in memory with the index of it.
struct Searched {
    void say(const std::string& conversation, const std::string& from, UserRole role,
             const std::string& content, bool note = false) {
        auto message = StoredLife::message(room(conversation), user(from), role, note);
        message.content = content;
        if (role == UserRole::robot) message.type = MessageType::robot;
        life.run(message);
    }
    void index() {
        const auto file = DataFolder::auditIn(folder.path());
        REQUIRE(audit::bringUpToDate(life.db(), file, ManualClock()).ok());
        auto opened = Database::openReader(file, audit::schema());
        REQUIRE(opened.ok());
        audit = std::move(*opened);
    }
    Viewer viewer(const std::string& id, UserRole role) {
        return Viewer::of(life.keyOf(user(id)).value_or(UserKey{0}), role);
    }
    Result<audit::SearchPage> page(const std::string& text, const audit::SearchSight& sight,
                                   const audit::SearchFilters& filters = {}, int limit = 100) {
        auto query = audit::SearchQuery::parse(text);
        if (!query) return query.error();
        return audit::search(life.db(), *audit, *query, filters, sight, limit);
    }
    /// The contents that are found, the newest first.
    std::vector<std::string> find(const std::string& text, const audit::SearchSight& sight,
                                  const audit::SearchFilters& filters = {}) {
        auto found = page(text, sight, filters);
        REQUIRE(found.ok());
        std::vector<std::string> contents;
        for (const auto& hit : found->hits) contents.push_back(*hit.message.content);
        return contents;
    }
    std::vector<std::string> find(const std::string& text) {
        return find(text, {Viewer::of({}, UserRole::supervisor), {}});
    }

    StoredLife life;
    TempFolder folder;
    std::unique_ptr<Database> audit;
};

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("words, phrases, beginnings and exclusions find what they say") {
    Searched log;
    log.say("c", "anna", UserRole::customer, "The parcel is late");
    log.say("c", "bert", UserRole::agent, "Which parcel number?");
    log.say("c", "anna", UserRole::customer, "Café Müller, parcels and ÉCLAIRS");
    log.index();
    CHECK(log.find("parcel") == Found{"Which parcel number?", "The parcel is late"});
    CHECK(log.find("PARCEL late") == Found{"The parcel is late"});
    CHECK(log.find("parcel*").size() == 3);
    CHECK(log.find("\"parcel is\"") == Found{"The parcel is late"});
    CHECK(log.find("\"is parcel\"").empty());
    CHECK(log.find("\"parcel num\"*") == Found{"Which parcel number?"});
    CHECK(log.find("parcel -late") == Found{"Which parcel number?"});
    CHECK(log.find("parcel -\"number\"") == Found{"The parcel is late"});
    CHECK(log.find("cafe muller") == Found{"Café Müller, parcels and ÉCLAIRS"});
    CHECK(log.find("éclairs").size() == 1);
    CHECK(log.find("late!") == Found{"The parcel is late"});
    CHECK(log.find("parcel -").size() == 2);
    CHECK(log.find("parcel \U0001F600").size() == 2);
    CHECK(log.find("AND OR NOT").empty());
    CHECK(log.find("content:parcel").empty());
}

TEST_CASE("a query must have a word that is wanted, and bounds") {
    for (const char* text : {"", "   ", "-parcel", "\"\"", "*", "-", "?!", "\U0001F600", "\"*\""}) {
        CAPTURE(text);
        const auto query = audit::SearchQuery::parse(text);
        REQUIRE_FALSE(query.ok());
        CHECK(query.error().code == ErrorCode::invalid_value);
    }
    CHECK(audit::SearchQuery::parse("\xff").error().code == ErrorCode::invalid_text);
    CHECK(audit::SearchQuery::parse(std::string(1025, 'x')).error().code == ErrorCode::too_long);
    std::string words;
    for (int i = 0; i < 33; ++i) words += "w ";
    CHECK(audit::SearchQuery::parse(words).error().code == ErrorCode::too_long);
}

TEST_CASE("any part of a run of Han, Kana or Hangul is a word") {
    Searched log;
    log.say("c", "a", UserRole::customer, "我的包裹还没有到达");
    log.say("c", "a", UserRole::customer, "包 box");
    log.say("c", "a", UserRole::customer, "荷物はまだ届きません。カフェ");
    log.say("c", "a", UserRole::customer, "택배가 아직 안 왔어요");
    log.say("c", "a", UserRole::customer, "order包裹123");
    log.index();
    CHECK(log.find("包裹") == Found{"order包裹123", "我的包裹还没有到达"});
    CHECK(log.find("没有到") == Found{"我的包裹还没有到达"});
    CHECK(log.find("到没").empty());
    CHECK(log.find("包") == Found{"order包裹123", "包 box", "我的包裹还没有到达"});
    CHECK(log.find("达") == Found{"我的包裹还没有到达"});
    CHECK(log.find("裹") == Found{"order包裹123", "我的包裹还没有到达"});
    CHECK(log.find("届きません") == Found{"荷物はまだ届きません。カフェ"});
    CHECK(log.find("カフェ").size() == 1);
    CHECK(log.find("택배").size() == 1);
    CHECK(log.find("왔어") == Found{"택배가 아직 안 왔어요"});
    CHECK(log.find("order") == Found{"order包裹123"});
    CHECK(log.find("包裹 -order") == Found{"我的包裹还没有到达"});
    CHECK(log.find("\"order包裹\"").size() == 1);
    CHECK(log.find("\"包裹123\"").size() == 1);
}

TEST_CASE("filters of conversation, author and positions cut what is found") {
    Searched log;
    for (int i = 0; i < 12; ++i) {
        log.say("c" + std::to_string(i % 3), "u" + std::to_string(i % 2), UserRole::customer,
                "word " + std::to_string(i));
    }
    log.index();
    KeyLookup keys(log.life.db());
    const audit::SearchSight all{Viewer::of({}, UserRole::supervisor), {}};
    audit::SearchFilters filters;
    filters.conversation = keys.find(room("c1")).value();
    CHECK(log.find("word", all, filters) == Found{"word 10", "word 7", "word 4", "word 1"});
    filters.author = keys.find(user("u0")).value();
    CHECK(log.find("word", all, filters) == Found{"word 10", "word 4"});
    filters = {};
    const auto first = log.page("word", all, filters, 5).value();
    REQUIRE(first.hits.size() == 5);
    CHECK(first.truncated);
    CHECK(first.total == 12);
    filters.before = first.hits.back().message.position;
    CHECK(log.find("word", all, filters).front() == "word 6");
    filters = {};
    filters.after = first.hits[3].message.position;
    CHECK(log.find("word", all, filters) == Found{"word 11", "word 10", "word 9"});
}

TEST_CASE("only what the viewer may see is found, and customers are told no counts") {
    Searched log;
    log.say("c", "anna", UserRole::customer, "secret of anna");
    log.say("c", "bert", UserRole::agent, "secret note", true);
    log.say("c", "bert", UserRole::agent, "secret answer");
    log.say("c", "robo", UserRole::robot, "secret of a robot");
    log.say("d", "carl", UserRole::customer, "secret of carl");
    log.index();
    KeyLookup keys(log.life.db());
    const audit::SearchSight supervisor{log.viewer("sue", UserRole::supervisor), {}};
    CHECK(log.find("secret", supervisor).size() == 5);
    CHECK(log.page("secret", supervisor)->total == 5);
    const auto c = *keys.find(room("c")).value();
    audit::SearchSight anna{log.viewer("anna", UserRole::customer),
                            std::vector{audit::Readable{c, {}, {}}}};
    CHECK(log.find("secret", anna) == Found{"secret answer", "secret of anna"});
    CHECK_FALSE(log.page("secret", anna)->total);
    anna.only = std::vector{
        audit::Readable{c, log.page("secret", supervisor)->hits.back().message.position, {}}};
    CHECK(log.find("secret", anna) == Found{"secret of anna"});
    anna.only.emplace();
    CHECK(log.find("secret", anna).empty());
}

TEST_CASE("somebody else's eyes hide messages of their conversation alone") {
    Searched log;
    log.say("c", "bert", UserRole::agent, "secret note", true);
    log.say("c", "anna", UserRole::customer, "secret of anna");
    log.say("d", "bert", UserRole::agent, "other secret note", true);
    log.index();
    KeyLookup keys(log.life.db());
    const auto c = *keys.find(room("c")).value();
    const auto d = *keys.find(room("d")).value();
    const audit::SearchSight sight{
        log.viewer("sue", UserRole::supervisor),
        std::vector{audit::Readable{c, {}, log.viewer("anna", UserRole::customer)},
                    audit::Readable{d, {}, {}}}};
    CHECK(log.find("secret", sight) == Found{"other secret note", "secret of anna"});
}

TEST_CASE("every hit and its snippet is one that the viewer may see, over random lives") {
    std::size_t hits = 0;
    for (unsigned seed = 40; seed < 46; ++seed) {
        Searched log;
        std::mt19937 random(seed);
        live(log.life, random, 400);
        log.index();
        const auto events = log.life.events();
        for (const auto role : {UserRole::customer, UserRole::agent, UserRole::robot}) {
            for (const char* name : {"u0", "u1", "u2", "nobody"}) {
                const auto viewer = log.viewer(name, role);
                Found expected;
                for (auto event = events.rbegin(); event != events.rend(); ++event) {
                    if (isMessage(event->type) && visible(*event, viewer)) {
                        expected.push_back(std::to_string(event->position.value));
                    }
                }
                Found found;
                audit::SearchFilters filters;
                for (bool more = true; more;) {
                    const auto page = log.page("said", {viewer, {}}, filters, 7).value();
                    for (const auto& hit : page.hits) {
                        found.push_back(std::to_string(hit.message.position.value));
                        CHECK(hit.snippet == "said");
                        filters.before = hit.message.position;
                        ++hits;
                    }
                    more = page.truncated;
                }
                CHECK(found == expected);
            }
        }
    }
    WARN(hits << " hits");
    CHECK(hits > 3000);
}

TEST_CASE("no text makes a query fail, whatever SQLite would make of it") {
    Searched log;
    log.say("c", "a", UserRole::customer, "some words to find: 包裹");
    log.index();
    std::mt19937 random(7);
    const std::vector<std::string> pieces{"\"",       "*",
                                          "-",        "(",
                                          ")",        "{",
                                          "}",        ":",
                                          "^",        "+",
                                          "AND",      "OR",
                                          "NOT",      "NEAR",
                                          "NEAR(",    " ",
                                          "\t",       "some",
                                          "content",  "filter",
                                          "words",    "包",
                                          "裹",       "é",
                                          "\xCC\x81", "\U0001F600",
                                          "'",        ";",
                                          "--",       "\\",
                                          "%",        "_",
                                          ",",        ".",
                                          "0",        "c1",
                                          "\x01",     std::string("\0", 1),
                                          "がぎ",     "한"};
    const audit::SearchSight all{Viewer::of({}, UserRole::supervisor), {}};
    int run = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string text;
        for (auto k = random() % 12; k > 0; --k) text += pieces[random() % pieces.size()];
        CAPTURE(text);
        const auto found = log.page(text, all);
        if (!found.ok()) {
            REQUIRE(found.error().code == ErrorCode::invalid_value);
            continue;
        }
        ++run;
    }
    WARN(run << " random queries run");
    CHECK(run > 2000);
}

TEST_CASE("a snippet shows where the words are, with whole words around them") {
    const auto snippetOf = [](std::string_view content, std::string_view query) {
        return audit::snippetOf(content, audit::SearchQuery::parse(query)->wanted());
    };
    CHECK(snippetOf("hello", "hello") == "hello");
    CHECK(snippetOf("a\n\n b", "b") == "a b");
    std::string longText;
    for (int i = 0; i < 100; ++i) longText += "lorem ipsum ";
    const std::string at = longText + "Needle" + " dolor sit" + longText;
    const auto snippet = snippetOf(at, "needle");
    CHECK((snippet.starts_with("…lorem ") || snippet.starts_with("…ipsum ")));
    CHECK(snippet.find("Needle dolor") != std::string::npos);
    CHECK(snippet.ends_with("…"));
    CHECK(snippetOf(longText, "absent").starts_with("lorem ipsum"));
    CHECK(snippetOf("Привет МИР", "мир") == "Привет МИР");
    const std::string accents = longText + "the Müller invoice café " + longText;
    for (const char* query : {"muller", "cafe", "\"muller invoice\"", "inv*", "absent cafe"}) {
        CAPTURE(query);
        CHECK(snippetOf(accents, query).find("the Müller invoice café") != std::string::npos);
    }
    std::string far;
    while (far.size() < 300'000) far += longText;
    CHECK(snippetOf(far + "包裹在这里 " + longText, "在这").find("包裹在这里") !=
          std::string::npos);
    CHECK(snippetOf(longText + "needles " + longText + "needle", "needle").ends_with("needle"));
    CHECK(snippetOf("", "word").empty());
}

TEST_CASE("what is no letter ends a word, also what came into Unicode lately") {
    const std::vector<std::string> others{
        "\U0001F642", "\U0001F600", "\U0001F917", "\U0001F916", "\U0001F979", "\U0001FAE1",
        "\U0001FAE8", "\u20BF",     "\u20AC",     "\u2066",     "\u2068",     "\u2069",
        "\u200C",     "\u200E",     "\uE000",     "\u2026",     "\u3002",     "_",
        "\u2BFF",     "\u00A0",     "\uFFFD",     "\x01",       "\"",         "\U0001F1E9"};
    Searched log;
    for (const auto& other : others) {
        log.say("c", "a", UserRole::customer, "great" + other);
        log.say("c", "a", UserRole::customer, other + "great");
        log.say("c", "a", UserRole::customer, "hi " + other + "great" + other + "day");
        const auto alone = audit::SearchQuery::parse(other);
        CAPTURE(other);
        REQUIRE_FALSE(alone.ok());
        CHECK(alone.error().code == ErrorCode::invalid_value);
    }
    log.index();
    CHECK(log.find("great").size() == 3 * others.size());
    CHECK(log.find("\"great day\"").size() == others.size());
}

TEST_CASE("case, accents, compatible characters and how a text is set make no difference") {
    struct Same {
        const char* asked;
        const char* written;
    };
    const std::vector<Same> same{{"елка", "ёлка"},
                                 {"ЁЛКА", "елка"},
                                 {"strasse", "Straße"},
                                 {"straße", "STRASSE"},
                                 {"cafe", "cafe\u0301"},
                                 {"café", "CAFE"},
                                 {"istanbul", "İstanbul"},
                                 {"οδος", "ΌΔΟΣ"},
                                 {"محمد", "مُحَمَّدٌ"},
                                 {"سلام", "ســلام"},
                                 {"احمد", "أحمد"},
                                 {"השלום", "הַשָּׁלוֹם"},
                                 {"한국", "\u1112\u1161\u11AB\u1100\u116E\u11A8"},
                                 {"が", "か\u3099"},
                                 {"カタカナ", "ｶﾀｶﾅ"},
                                 {"ガ", "ｶﾞ"},
                                 {"abc123", "ＡＢＣ１２３"},
                                 {"office", "o\uFB03ce"},
                                 {"cooperate", "co\u00ADoperate"},
                                 {"viet", "việt"},
                                 {"naive", "na\u0308\u0300ive"}};
    for (const auto& [asked, written] : same) {
        CAPTURE(asked, written);
        Searched log;
        log.say("c", "a", UserRole::customer, std::string("before ") + written + " after");
        log.index();
        CHECK(log.find(asked).size() == 1);
        CHECK(log.find(std::string("\"before ") + asked + " after\"").size() == 1);
    }
}

TEST_CASE("marks that make another word are kept, and scripts without blanks are found in part") {
    Searched log;
    log.say("c", "a", UserRole::customer, "ฉันต้องการคืนเงินค่าสินค้า");
    log.say("c", "a", UserRole::customer, "ประเทศไทย ๑๒๓");
    log.say("c", "a", UserRole::customer, "ดุ");
    log.say("c", "a", UserRole::customer, "ຂ້ອຍຕ້ອງການເງິນຄືນ");
    log.say("c", "a", UserRole::customer, "ខ្ញុំចង់បានប្រាក់វិញ");
    log.say("c", "a", UserRole::customer, "ငွေပြန်အမ်း");
    log.say("c", "a", UserRole::customer, "मुझे किताब चाहिए");
    log.say("c", "a", UserRole::customer, "かき");
    log.index();
    CHECK(log.find("คืนเงิน") == Found{"ฉันต้องการคืนเงินค่าสินค้า"});
    CHECK(log.find("ไทย") == Found{"ประเทศไทย ๑๒๓"});
    CHECK(log.find("๑๒๓").size() == 1);
    CHECK(log.find("ดี").empty());
    CHECK(log.find("ดุ") == Found{"ดุ"});
    CHECK(log.find("ເງິນ").size() == 1);
    CHECK(log.find("ប្រាក់").size() == 1);
    CHECK(log.find("ပြန်").size() == 1);
    CHECK(log.find("किताब").size() == 1);
    CHECK(log.find("कतब").empty());
    CHECK(log.find("कित*").size() == 1);
    CHECK(log.find("がき").empty());
    CHECK(log.find("か") == Found{"かき"});
}

TEST_CASE("a letter with more marks than anybody writes is text like any other") {
    Searched log;
    std::string marks = "z";
    for (int i = 0; i < 1000; ++i) marks += "\u0301";
    std::string vowels = "ก";
    for (int i = 0; i < 1000; ++i) vowels += "\u0E31";
    log.say("c", "a", UserRole::customer, marks + "a");
    log.say("c", "a", UserRole::customer, vowels);
    log.index();
    CHECK(log.find("za").size() == 1);
    CHECK(log.find("ก").size() == 1);
}

#include "gateway/rest/recorded_questions.h"

#include <parley/core/limits.h>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace parley;
using std::chrono::milliseconds;
using Turn = RecordedQuestions::Turn;

namespace {

// What a question finds that nobody expects to wait for.
RecordedQuestions::Place ask(RecordedQuestions& questions, const std::string& question,
                             milliseconds now) {
    const auto place =
        questions.ask(question, now, [](const auto&) { FAIL("nobody waits for a record"); });
    REQUIRE(place);
    return *place;
}

// Asks, and says in `heard` what came of the record that somebody else makes.
void waitFor(RecordedQuestions& questions, const std::string& question,
             std::vector<RecordedQuestions::Recorded>& heard) {
    const auto place = questions.ask(question, milliseconds(1),
                                     [&](const auto& recorded) { heard.push_back(recorded); });
    REQUIRE(place);
    REQUIRE(place->turn == Turn::waits);
}

}  // namespace

TEST_CASE("a question has steps for a minute from its record, however often it is asked") {
    RecordedQuestions questions;
    CHECK(ask(questions, "q", milliseconds(0)).turn == Turn::first);
    questions.finish("q", milliseconds(1000));
    for (const auto now : {milliseconds(1000), milliseconds(61'000)}) {
        const auto step = ask(questions, "q", now);
        CHECK(step.turn == Turn::step);
        CHECK(step.at == milliseconds(1000));
    }
    CHECK(ask(questions, "other", milliseconds(1000)).turn == Turn::first);
    CHECK(ask(questions, "q", milliseconds(61'001)).turn == Turn::first);
    questions.finish("q", milliseconds(70'000));
    CHECK(ask(questions, "q", milliseconds(70'001)).at == milliseconds(70'000));
}

TEST_CASE("a step of a question that is recorded is one from that record on") {
    RecordedQuestions questions;
    questions.note("page", milliseconds(1000));
    CHECK(ask(questions, "page", milliseconds(61'000)).at == milliseconds(1000));
    CHECK(ask(questions, "page", milliseconds(61'001)).turn == Turn::first);
}

TEST_CASE("a question that is being recorded is not recorded again, but waits for that record") {
    RecordedQuestions questions;
    REQUIRE(ask(questions, "q", milliseconds(1)).turn == Turn::first);
    std::vector<RecordedQuestions::Recorded> heard;
    waitFor(questions, "q", heard);
    waitFor(questions, "q", heard);
    CHECK(questions.waiting() == 2);
    CHECK(ask(questions, "other", milliseconds(1)).turn == Turn::first);
    questions.finish("other", milliseconds(2));
    CHECK(heard.empty());
    questions.finish("q", milliseconds(3));
    REQUIRE(heard.size() == 2);
    for (const auto& recorded : heard) CHECK(recorded.value() == milliseconds(3));
    CHECK(questions.waiting() == 0);
    CHECK(ask(questions, "q", milliseconds(4)).turn == Turn::step);
}

TEST_CASE(
    "where a record cannot be stored, all who wait for it are told, and the next tries again") {
    RecordedQuestions questions;
    REQUIRE(ask(questions, "q", milliseconds(1)).turn == Turn::first);
    std::vector<RecordedQuestions::Recorded> heard;
    waitFor(questions, "q", heard);
    waitFor(questions, "q", heard);
    questions.finish("q", Error{ErrorCode::storage_full, "no room"});
    REQUIRE(heard.size() == 2);
    for (const auto& recorded : heard) {
        REQUIRE_FALSE(recorded);
        CHECK(recorded.error().code == ErrorCode::storage_full);
    }
    CHECK(ask(questions, "q", milliseconds(2)).turn == Turn::first);
}

TEST_CASE("no more questions wait for a record than the limit says") {
    RecordedQuestions questions;
    REQUIRE(ask(questions, "q", milliseconds(1)).turn == Turn::first);
    std::vector<RecordedQuestions::Recorded> heard;
    for (std::size_t i = 0; i < limits::kQuestionsRememberedMax; ++i)
        waitFor(questions, "q", heard);
    const auto refused = questions.ask("q", milliseconds(1), [](const auto&) {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::busy);
    CHECK(ask(questions, "another", milliseconds(1)).turn == Turn::first);
    questions.finish("q", milliseconds(1));
    CHECK(heard.size() == limits::kQuestionsRememberedMax);
    waitFor(questions, "another", heard);
    questions.finish("another", milliseconds(2));
    CHECK(heard.size() == limits::kQuestionsRememberedMax + 1);
}

TEST_CASE("no more questions are remembered than the limit says") {
    RecordedQuestions questions;
    const auto most = limits::kQuestionsRememberedMax;
    for (std::size_t i = 0; i < most; ++i) questions.note(std::to_string(i), milliseconds(i % 2));
    CHECK(questions.size() == most);
    // Those that are over go first, and where none is, all: they are only recorded again.
    questions.note("late", milliseconds(60'001));
    CHECK(questions.size() == most / 2 + 1);
    for (std::size_t i = 0; questions.size() < most; ++i) {
        questions.note("new" + std::to_string(i), milliseconds(60'001));
    }
    questions.note("last", milliseconds(60'001));
    CHECK(questions.size() == 1);
    CHECK(ask(questions, "last", milliseconds(60'002)).turn == Turn::step);
}

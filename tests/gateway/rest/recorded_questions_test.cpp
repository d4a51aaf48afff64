#include "gateway/rest/recorded_questions.h"

#include <parley/core/limits.h>

#include <catch2/catch.hpp>

using namespace parley;
using std::chrono::milliseconds;

TEST_CASE("a question has steps for a minute from its record, however often it is asked") {
    RecordedQuestions questions;
    CHECK_FALSE(questions.find("q", milliseconds(0)));
    questions.note("q", milliseconds(1000));
    CHECK(questions.find("q", milliseconds(1000)) == milliseconds(1000));
    CHECK(questions.find("q", milliseconds(61'000)) == milliseconds(1000));
    CHECK_FALSE(questions.find("q", milliseconds(61'001)));
    CHECK_FALSE(questions.find("other", milliseconds(1000)));
    questions.note("q", milliseconds(70'000));
    CHECK(questions.find("q", milliseconds(70'001)) == milliseconds(70'000));
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
    CHECK(questions.find("last", milliseconds(60'002)));
}

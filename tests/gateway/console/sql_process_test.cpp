#include "gateway/console/sql_desk.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

using namespace parley;

namespace {

/// A program that stands for `parley`, as a shell script.
struct Program {
    TempFolder folder;
    std::atomic<bool> cancelled{false};

    SqlCommand running(const std::string& script,
                       std::chrono::milliseconds limit = std::chrono::seconds(60)) const {
        const auto path = folder.path() / "program";
        std::ofstream(path) << "#!/bin/sh\n" << script << '\n';
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return {path.string(), folder.path(), limit};
    }
    Result<SqlRows> run(const std::string& script, SqlFormat format = SqlFormat::json,
                        std::int64_t rowsMax = 100) const {
        return runSql(running(script), {"SELECT 1", format, rowsMax}, cancelled);
    }
};

std::string errorOf(const Result<SqlRows>& rows) {
    return rows ? "none" : std::string(rows.error().name()) + ": " + rows.error().message;
}

}  // namespace

TEST_CASE("a statement is told through a pipe, and its rows come back") {
    Program program;
    const auto rows = program.run(R"(read sql; printf '{"said":"%s %s"}\n{"n":2}\n' "$1" "$sql")");
    REQUIRE(errorOf(rows) == "none");
    CHECK(rows->text == "[{\"said\":\"audit SELECT 1\"},\n{\"n\":2}]");
    CHECK_FALSE(rows->truncated);
    CHECK(program.run("exit 0")->text == "[]");
    CHECK(program.run("echo 'up to position 7' >&2")->notes == "up to position 7");
}

TEST_CASE("only whole rows are taken, and no more than were asked for") {
    Program program;
    const char* csv = R"(printf 'a,b\r\n1,"x\ny"\r\n2,z\r\n')";
    CHECK(program.run(csv, SqlFormat::csv, 2)->text == "a,b\r\n1,\"x\ny\"\r\n2,z\r\n");
    CHECK_FALSE(program.run(csv, SqlFormat::csv, 2)->truncated);
    const auto cut = program.run(csv, SqlFormat::csv, 1);
    CHECK(cut->text == "a,b\r\n1,\"x\ny\"\r\n");
    CHECK(cut->truncated);
    CHECK(cut->notes.empty());
    const auto endless = program.run("while :; do echo '{\"n\":1}'; done", SqlFormat::json, 3);
    CHECK(endless->text == "[{\"n\":1},\n{\"n\":1},\n{\"n\":1}]");
    CHECK(endless->truncated);
}

TEST_CASE("the status of the process says what is wrong") {
    Program program;
    CHECK(errorOf(program.run("echo 'parley: invalid_value: no such table: x' >&2; exit 2")) ==
          "invalid_value: no such table: x");
    CHECK(errorOf(program.run("exit 124")).starts_with("read_timeout: "));
    CHECK(errorOf(program.run("echo broken >&2; exit 1")) ==
          "storage_failed: the statement could not be run: broken");
    CHECK(errorOf(program.run("kill -9 $$")).starts_with("storage_failed: "));
    const SqlCommand none{"/does/not/exist", {}, std::chrono::seconds(1)};
    CHECK(errorOf(runSql(none, {"SELECT 1", SqlFormat::json, 1}, program.cancelled))
              .starts_with("storage_failed: "));
}

TEST_CASE("a statement ends with its request, and the next one of its asker may run") {
    Program program;
    SqlDesk desk(program.running("exec sleep 600"));
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> answers;
    const auto note = [&](const Result<SqlRows>& rows) {
        const std::lock_guard lock(mutex);
        answers.push_back(errorOf(rows));
        changed.notify_all();
    };
    {
        auto place = desk.take(1, "ann");
        REQUIRE(place.ok());
        CHECK(desk.take(2, "ann").error().code == ErrorCode::busy);
        CHECK(desk.take(3, "bob").ok());  // given back at once
        desk.run(*place, {"SELECT 1", SqlFormat::json, 1}, note);
    }
    CHECK(desk.take(4, "ann").error().code == ErrorCode::busy);
    desk.cancel(77);
    desk.cancel(1);
    {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, std::chrono::minutes(2), [&] { return !answers.empty(); }));
    }
    CHECK(answers.front().starts_with("shutting_down: "));
    CHECK(desk.take(5, "ann").ok());
}

TEST_CASE("a desk has four places, and none once it has stopped") {
    Program program;
    SqlDesk desk(program.running("exec sleep 600"));
    std::vector<SqlDesk::PlacePtr> places;
    for (const auto* asker : {"a", "b", "c", "d"}) {
        auto place = desk.take(places.size() + 1, asker);
        REQUIRE(place.ok());
        places.push_back(*place);
    }
    CHECK(desk.take(9, "e").error().code == ErrorCode::busy);
    std::atomic<int> ended{0};
    desk.run(places.front(), {"SELECT 1", SqlFormat::json, 1},
             [&](const Result<SqlRows>& rows) { ended += rows.ok() ? 100 : 1; });
    desk.stop();
    CHECK(ended == 1);
    CHECK(desk.take(10, "f").error().code == ErrorCode::shutting_down);
    desk.run(places.back(), {"SELECT 1", SqlFormat::json, 1},
             [&](const Result<SqlRows>&) { ended += 10; });
    CHECK(ended == 11);
}

#include "app/audit/table_writer.h"

#include <catch2/catch.hpp>

#include <sstream>

using namespace parley::app::audit;

TEST_CASE("a duration is told in its two largest units, the rest cut off") {
    struct Row {
        std::int64_t ms;
        const char* text;
    };
    const Row rows[] = {{0, "0 ms"},
                        {1, "1 ms"},
                        {999, "999 ms"},
                        {1000, "1 s"},
                        {1999, "1 s 999 ms"},
                        {60'000, "1 min"},
                        {60'999, "1 min"},
                        {200'000, "3 min 20 s"},
                        {3'599'999, "59 min 59 s"},
                        {3'600'000, "1 h"},
                        {3'659'999, "1 h"},
                        {7'500'000, "2 h 5 min"},
                        {86'400'000 * 3 + 3'600'000 * 4 + 59, "3 d 4 h"},
                        {-5, "-5 ms"}};
    for (const auto& [ms, text] : rows) CHECK(durationText(ms) == text);
}

TEST_CASE("a table has the durations that it is told of in words, and no other numbers") {
    std::ostringstream out;
    TableWriter table({.raw = false, .columns = {}, .durations = {"ms", "p50_ms"}}, out);
    table.begin({"user", "ms", "p50_ms", "at_ms"});
    const Cell row[] = {std::string_view("anna"), std::int64_t{200'000}, std::monostate{},
                        std::int64_t{200'000}};
    table.row(row);
    table.end();
    CHECK(out.str() ==
          "user  took        p50  at_ms\n"
          "----  ----------  ---  ------\n"
          "anna  3 min 20 s       200000\n");
}

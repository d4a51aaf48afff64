#include <parley/core/json_writer.h>

#include <catch2/catch.hpp>

#include <string>

namespace parley {

TEST_CASE("a JSON writer puts commas between values and nowhere else") {
    std::string out = "42";
    JsonWriter json(out);
    json.beginArray().value("event").beginObject();
    json.field("user", std::string("a\"b")).field("count", std::int64_t{-3}).field("yes", true);
    json.key("none").null();
    json.key("list").beginArray().value(1).value(2).endArray();
    json.key("empty").beginObject().endObject();
    json.rawField("raw", "{\"x\":1}");
    json.endObject().endArray();
    CHECK(out ==
          "42[\"event\",{\"user\":\"a\\\"b\",\"count\":-3,\"yes\":true,\"none\":null,"
          "\"list\":[1,2],\"empty\":{},\"raw\":{\"x\":1}}]");
}

TEST_CASE("what another function appends is one value") {
    std::string out;
    JsonWriter json(out);
    json.beginArray();
    json.out() += "1";
    json.out() += "2";
    json.endArray();
    CHECK(out == "[1,2]");
}

}  // namespace parley

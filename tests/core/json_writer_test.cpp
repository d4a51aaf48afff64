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

TEST_CASE("a JSON writer shows the core's types as the wire does") {
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("user", *ConversationId::parse("c\"1", "id"));
    json.field("id", *Uuid::parse("0190b6a2-7c1e-7000-8000-00000000002a"));
    json.field("at", UnixMillis{1'769'847'330'042});
    json.optionalField("there", std::optional<std::string>("x"));
    json.optionalField("absent", std::optional<std::string>());
    json.field(std::string_view("named later"), 1).endObject();
    CHECK(out ==
          "{\"user\":\"c\\\"1\",\"id\":\"0190b6a2-7c1e-7000-8000-00000000002a\","
          "\"at\":\"2026-01-31T08:15:30.042Z\",\"there\":\"x\",\"named later\":1}");
}

}  // namespace parley

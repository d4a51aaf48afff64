#pragma once

#include <parley/core/json.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// Appends JSON to a string, with the commas where they belong and nothing else between:
///     JsonWriter json(out);
///     json.beginObject().field("userId", user).field("count", 3).endObject();
/// Names of fields are ASCII that needs no escaping; texts are UTF-8, escaped as appendJsonString
/// does. What is begun must be ended; nothing checks it.
class JsonWriter {
public:
    /// `out` outlives the writer. What it holds already is left alone.
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& beginObject() { return begin('{'); }
    JsonWriter& endObject() { return end('}'); }
    JsonWriter& beginArray() { return begin('['); }
    JsonWriter& endArray() { return end(']'); }

    /// The name of the field whose value comes next.
    JsonWriter& key(std::string_view name) {
        separate();
        out_ += '"';
        out_ += name;
        out_ += "\":";
        first_ = true;
        return *this;
    }

    JsonWriter& value(std::string_view text) {
        separate();
        appendJsonString(out_, text);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(std::same_as<bool> auto yes) { return raw(yes ? "true" : "false"); }
    JsonWriter& value(std::signed_integral auto number) {
        separate();
        appendInt(out_, number);
        return *this;
    }
    JsonWriter& null() { return raw("null"); }
    /// What is JSON already.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }

    template <typename T>
    JsonWriter& field(std::string_view name, const T& it) {
        return key(name).value(it);
    }
    JsonWriter& rawField(std::string_view name, std::string_view json) {
        return key(name).raw(json);
    }

    /// For a value that another function appends.
    std::string& out() {
        separate();
        return out_;
    }

private:
    JsonWriter& begin(char bracket) {
        separate();
        out_ += bracket;
        first_ = true;
        return *this;
    }
    JsonWriter& end(char bracket) {
        out_ += bracket;
        first_ = false;
        return *this;
    }
    void separate() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;  // nothing stands before the next value in its object or array
};

}  // namespace parley

#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/json.h>
#include <parley/core/uuid.h>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Appends JSON to a string, with the commas where they belong and nothing else between:
///     JsonWriter json(out);
///     json.beginObject().field("userId", user).field("count", 3).endObject();
/// Names of fields are ASCII that needs no escaping; texts are UTF-8, escaped as appendJsonString
/// does. The core's own types are written as the wire shows them: ids as their text, times as
/// ISO 8601. Refuses nothing and keeps no stack of what is open. REQUIRES: everything begun is
/// ended, in an object each value follows a key, and no value follows the outermost one; nothing
/// checks it. Each method returns the writer, for chains. One thread.
class JsonWriter {
public:
    /// `out` outlives the writer. The writer leaves alone what it already holds.
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& beginObject() { return begin('{'); }
    JsonWriter& endObject() { return end('}'); }
    JsonWriter& beginArray() { return begin('['); }
    JsonWriter& endArray() { return end(']'); }

    /// The name of the field whose value comes next. A literal is appended in one piece: frames
    /// are mostly names.
    template <std::size_t N>
    JsonWriter& key(const char (&name)[N]) {
        char text[N + 3] = {',', '"'};  // ,"name":
        std::memcpy(text + 2, name, N - 1);
        text[N + 1] = '"';
        text[N + 2] = ':';
        out_.append(first_ ? text + 1 : text, first_ ? N + 2 : N + 3);
        first_ = true;
        return *this;
    }
    /// Likewise for a name that is not a literal, such as one of a table.
    JsonWriter& key(const std::same_as<std::string_view> auto& name) {
        separate();
        out_ += '"';
        out_ += name;
        out_ += "\":";
        first_ = true;
        return *this;
    }

    /// A string: `text` with its quotes.
    JsonWriter& value(std::string_view text) {
        separate();
        appendJsonString(out_, text);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    template <typename Tag>
    JsonWriter& value(const TextId<Tag>& id) {
        return value(std::string_view(id.str()));
    }
    JsonWriter& value(const Uuid& id) {
        separate();
        out_ += '"';
        id.appendTo(out_);
        out_ += '"';
        return *this;
    }
    JsonWriter& value(UnixMillis at) {
        separate();
        out_ += '"';
        appendIso8601(out_, at);
        out_ += '"';
        return *this;
    }
    // No implicit conversion reaches the next two: a pointer would be written as `true`. Unsigned
    // numbers are cast by the caller, which knows their range.
    JsonWriter& value(std::same_as<bool> auto yes) { return raw(yes ? "true" : "false"); }
    JsonWriter& value(std::signed_integral auto number) {
        separate();
        appendInt(out_, number);
        return *this;
    }
    JsonWriter& null() { return raw("null"); }
    /// A value that is JSON already: appended as it is, unchecked.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }

    /// A key and its value. `name`: a literal or a string_view.
    template <typename Name, typename T>
    JsonWriter& field(const Name& name, const T& it) {
        return key(name).value(it);
    }
    /// A key and a value that is JSON already.
    template <typename Name>
    JsonWriter& rawField(const Name& name, std::string_view json) {
        return key(name).raw(json);
    }
    /// The field only where `it` has a value.
    template <typename Name, typename T>
    JsonWriter& optionalField(const Name& name, const std::optional<T>& it) {
        return it ? field(name, *it) : *this;
    }

    /// The field, `null` where `it` has no value.
    template <typename Name, typename T>
    JsonWriter& fieldOrNull(const Name& name, const std::optional<T>& it) {
        key(name);
        return it ? value(*it) : null();
    }

    /// The buffer, for a value that another function appends: exactly one, before anything else is
    /// written here.
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

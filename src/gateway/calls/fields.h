#pragma once

#include <parley/core/ids.h>
#include <parley/core/json.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>
#include <parley/domain/roles.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Reads the known fields of one JSON object and remembers the first thing that is wrong, so
/// that a parser reads like a list of fields. Unknown fields are ignored; null counts as absent.
/// One thread.
class Fields {
public:
    /// REQUIRES: `object` is one. It outlives this, and so does `sender`: who asks, where a token
    /// says it; else null.
    explicit Fields(const Json& object, const Principal* sender = nullptr)
        : object_(object), sender_(sender) {}

    /// The first thing that is wrong; nothing while nothing is.
    const std::optional<Error>& error() const { return error_; }
    /// Remembers that something is wrong, unless something was before.
    void fail(ErrorCode code, std::string message);

    /// A required field. Where it is absent or wrong, `error()` is set and the value means nothing.
    template <typename Id>
    Id id(std::string_view name);
    template <typename Id>
    std::optional<Id> optionalId(std::string_view name);
    UserRole role(std::string_view name);
    std::optional<UserRole> optionalRole(std::string_view name);
    /// Whether a token says who asks.
    bool hasSender() const { return sender_ != nullptr; }
    /// Whether it says that this user does.
    bool isSender(const UserId& user) const { return sender_ && sender_->user == user; }
    /// A required field, which a person's or a robot's token fills in where it is absent.
    UserId sender(std::string_view name);
    UserRole senderRole(std::string_view name);
    /// Text without NUL, of `bytesMin` to `bytesMax` bytes of UTF-8.
    std::string text(std::string_view name, std::size_t bytesMin, std::size_t bytesMax);
    std::optional<std::string> optionalText(std::string_view name, std::size_t bytesMin,
                                            std::size_t bytesMax);
    std::optional<bool> optionalBool(std::string_view name);
    /// A whole number from `min` to `max`. `advice` ends the text of a refusal.
    std::optional<std::int64_t> optionalInt(std::string_view name, std::int64_t min,
                                            std::int64_t max, std::string_view advice = {});
    /// The field as it is; nullptr when absent or null.
    const Json* find(std::string_view name) const;

private:
    const std::string* string(std::string_view name);
    void missing(std::string_view name);
    bool mayLeaveOut(std::string_view name) const;

    const Json& object_;
    const Principal* sender_;
    std::optional<Error> error_;
};

template <typename Id>
std::optional<Id> Fields::optionalId(std::string_view name) {
    const auto* text = string(name);
    if (!text) return std::nullopt;
    auto parsed = Id::parse(*text, name);
    if (parsed) return std::move(parsed).value();
    fail(parsed.error().code, parsed.error().message);
    return std::nullopt;
}

template <typename Id>
Id Fields::id(std::string_view name) {
    if (!find(name)) missing(name);
    auto parsed = optionalId<Id>(name);
    return parsed ? std::move(*parsed) : Id();
}

}  // namespace parley

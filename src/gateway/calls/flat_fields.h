#pragma once

#include <parley/core/flat_json.h>
#include <parley/core/ids.h>
#include <parley/domain/roles.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// `Fields` over a FlatJson, for requests in which nothing is wrong. Where something is, it
/// remembers only that: `Fields` then reads the request again and says what. One thread.
class FlatFields {
public:
    /// `object`, and the text it was read from, outlive this.
    explicit FlatFields(const FlatJson& object) : object_(object) {}

    bool failed() const { return failed_; }
    template <typename... Anything>
    void fail(Anything&&...) {
        failed_ = true;
    }

    template <typename Id>
    Id id(std::string_view name);
    template <typename Id>
    std::optional<Id> optionalId(std::string_view name);
    UserRole role(std::string_view name);
    /// Where a token would fill it in, `Fields` does.
    UserId sender(std::string_view name) { return id<UserId>(name); }
    std::optional<UserRole> optionalRole(std::string_view name);
    std::string text(std::string_view name, std::size_t bytesMin, std::size_t bytesMax);
    std::optional<std::string> optionalText(std::string_view name, std::size_t bytesMin,
                                            std::size_t bytesMax);
    std::optional<bool> optionalBool(std::string_view name);
    std::optional<std::int64_t> optionalInt(std::string_view name, std::int64_t min,
                                            std::int64_t max, std::string_view advice = {});
    const FlatJson::Field* find(std::string_view name) const;

private:
    /// The field's text. Where it has escapes, they are resolved into `scratch`, which then holds
    /// it.
    std::optional<std::string_view> view(std::string_view name, std::string& scratch);

    const FlatJson& object_;
    bool failed_ = false;
};

template <typename Id>
std::optional<Id> FlatFields::optionalId(std::string_view name) {
    std::string scratch;
    const auto text = view(name, scratch);
    if (!text) return std::nullopt;
    auto parsed = Id::parse(*text, name);
    if (parsed) return std::move(parsed).value();
    failed_ = true;
    return std::nullopt;
}

template <typename Id>
Id FlatFields::id(std::string_view name) {
    auto parsed = optionalId<Id>(name);
    failed_ = failed_ || !parsed;
    return parsed ? std::move(*parsed) : Id();
}

}  // namespace parley

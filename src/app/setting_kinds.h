#pragma once

#include "app/joined.h"

#include <parley/app/settings.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Makes the rows of the table of settings, one function a kind of value. `access`: takes the
/// Settings and returns a reference to the field.
namespace parley::setting_kinds {

inline Error wrong(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

/// "a, b or c".
inline std::string orOf(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

template <typename Access>
SettingInfo text(std::string_view name, std::string_view doc, Access access) {
    return {name,
            "text",
            doc,
            0,
            0,
            [access](const Settings& s) { return std::string(access(const_cast<Settings&>(s))); },
            [access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                access(s) = value;
                return {};
            }};
}

/// A text that `check` takes.
template <typename Access>
SettingInfo text(std::string_view name, std::string_view doc,
                 Result<void> (*check)(std::string_view), Access access) {
    SettingInfo info = text(name, doc, access);
    info.set = [name, check, access](Settings& s, const std::string& value,
                                     std::int64_t) -> Result<void> {
        if (const auto taken = check(value); !taken) {
            return wrong(std::string(name) + " " + taken.error().message);
        }
        access(s) = value;
        return {};
    };
    return info;
}

template <typename Access>
SettingInfo number(std::string_view name, std::string_view unit, std::string_view doc,
                   std::int64_t min, std::int64_t max, Access access) {
    using Value = std::remove_reference_t<decltype(access(std::declval<Settings&>()))>;
    return {
        name,
        unit,
        doc,
        min,
        max,
        [access](const Settings& s) { return std::to_string(access(const_cast<Settings&>(s))); },
        [access](Settings& s, const std::string&, std::int64_t value) -> Result<void> {
            access(s) = static_cast<Value>(value);
            return {};
        }};
}

template <typename Access>
SettingInfo rate(std::string_view name, std::string_view doc, Access access) {
    return {name,
            "rate",
            doc,
            0,
            0,
            [access](const Settings& s) { return rateText(access(const_cast<Settings&>(s))); },
            [name, access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                const auto read = parseRate(value);
                if (!read) return wrong(std::string(name) + " " + read.error().message);
                access(s) = *read;
                return {};
            }};
}

template <typename Access>
SettingInfo duration(std::string_view name, std::string_view doc, std::int64_t min,
                     std::int64_t max, Access access) {
    return {name,
            "ms",
            doc,
            min,
            max,
            [access](const Settings& s) {
                return std::to_string(access(const_cast<Settings&>(s)).count());
            },
            [access](Settings& s, const std::string&, std::int64_t value) -> Result<void> {
                access(s) = std::chrono::milliseconds(value);
                return {};
            }};
}

inline std::vector<std::string> splitList(const std::string& value) {
    constexpr const char* kBlank = " \t";
    std::vector<std::string> items;
    for (std::size_t from = 0; from < value.size();) {
        const auto end = std::min(value.find(',', from), value.size());
        const auto first = value.find_first_not_of(kBlank, from);
        if (first < end) {
            items.push_back(
                value.substr(first, value.find_last_not_of(kBlank, end - 1) + 1 - first));
        }
        from = end + 1;
    }
    return items;
}

/// A list separated by commas, of which `check` takes each item.
template <typename Access>
SettingInfo list(std::string_view name, std::string_view doc,
                 Result<void> (*check)(std::string_view), Access access) {
    return {
        name,
        "text",
        doc,
        0,
        0,
        [access](const Settings& s) { return app::joined(access(const_cast<Settings&>(s)), ","); },
        [name, check, access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            auto items = splitList(value);
            for (const auto& item : items) {
                if (const auto taken = check(item); !taken) {
                    return wrong(std::string(name) + ": " + taken.error().message);
                }
            }
            access(s) = std::move(items);
            return {};
        }};
}

/// One of a few words; `words` has them in the order of the enum.
template <std::size_t N, typename Access>
SettingInfo choice(std::string_view name, std::string_view doc,
                   const std::array<std::string_view, N>& words, Access access) {
    using Value = std::remove_reference_t<decltype(access(std::declval<Settings&>()))>;
    return {
        name,
        "text",
        doc,
        0,
        0,
        [&words, access](const Settings& s) {
            return std::string(words[static_cast<std::size_t>(access(const_cast<Settings&>(s)))]);
        },
        [name, &words, access](Settings& s, const std::string& value,
                               std::int64_t) -> Result<void> {
            const auto known = std::find(words.begin(), words.end(), value);
            if (known == words.end()) return wrong(std::string(name) + " must be " + orOf(words));
            access(s) = static_cast<Value>(known - words.begin());
            return {};
        },
        {words.begin(), words.end()}};
}

template <typename Access>
SettingInfo onOff(std::string_view name, std::string_view doc, Access access) {
    return {
        name,
        "switch",
        doc,
        0,
        0,
        [access](const Settings& s) { return access(const_cast<Settings&>(s)) ? "true" : "false"; },
        [name, access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            if (value != "true" && value != "false") {
                return wrong(std::string(name) + " must be true or false");
            }
            access(s) = value == "true";
            return {};
        },
        {"true", "false"}};
}

}  // namespace parley::setting_kinds

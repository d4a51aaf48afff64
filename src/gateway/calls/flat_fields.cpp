#include "gateway/calls/flat_fields.h"

#include <utility>

namespace parley {

const FlatJson::Field* FlatFields::find(std::string_view name) const {
    const auto* field = object_.find(name);
    return !field || field->kind == FlatJson::Kind::null ? nullptr : field;
}

std::optional<std::string_view> FlatFields::view(std::string_view name, std::string& scratch) {
    const auto* field = find(name);
    if (!field) return std::nullopt;
    if (field->kind != FlatJson::Kind::string) {
        failed_ = true;
        return std::nullopt;
    }
    if (!field->escaped) return field->text;
    scratch = unescapeJson(field->text).value_or(std::string());  // FlatJson has checked it
    return scratch;
}

std::optional<UserRole> FlatFields::optionalRole(std::string_view name) {
    std::string scratch;
    const auto text = view(name, scratch);
    if (!text) return std::nullopt;
    const auto role = parseRole(*text);
    failed_ = failed_ || !role;
    return role;
}

UserRole FlatFields::role(std::string_view name) {
    const auto role = optionalRole(name);
    failed_ = failed_ || !role;
    return role.value_or(UserRole::customer);
}

std::optional<std::string> FlatFields::optionalText(std::string_view name, std::size_t bytesMin,
                                                    std::size_t bytesMax) {
    std::string scratch;
    const auto text = view(name, scratch);
    if (!text) return std::nullopt;
    if (text->size() < bytesMin || text->size() > bytesMax ||
        text->find('\0') != std::string_view::npos) {
        failed_ = true;
    }
    return text->data() == scratch.data() ? std::move(scratch) : std::string(*text);
}

std::string FlatFields::text(std::string_view name, std::size_t bytesMin, std::size_t bytesMax) {
    auto text = optionalText(name, bytesMin, bytesMax);
    failed_ = failed_ || !text;
    return std::move(text).value_or(std::string());
}

std::optional<bool> FlatFields::optionalBool(std::string_view name) {
    const auto* field = find(name);
    if (!field) return std::nullopt;
    failed_ = failed_ || field->kind != FlatJson::Kind::boolean;
    return field->number != 0;
}

std::optional<std::int64_t> FlatFields::optionalInt(std::string_view name, std::int64_t min,
                                                    std::int64_t max, std::string_view) {
    const auto* field = find(name);
    if (!field) return std::nullopt;
    failed_ = failed_ || field->kind != FlatJson::Kind::integer || field->number < min ||
              field->number > max;
    return field->number;
}

}  // namespace parley

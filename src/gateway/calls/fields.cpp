#include "gateway/calls/fields.h"

#include <cmath>

namespace parley {
namespace {

// The whole number that `field` is, however it is written: 1, 1.0 and 1e0 are one number in JSON.
std::optional<std::int64_t> wholeNumber(const Json& field) {
    if (field.is_number_float()) {
        const auto value = field.get<double>();
        const bool fits = value >= -0x1p63 && value < 0x1p63;
        if (!fits || std::trunc(value) != value) return std::nullopt;
        return static_cast<std::int64_t>(value);
    }
    const bool huge = field.is_number_unsigned() &&
                      field.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    if (huge) return std::nullopt;
    return field.get<std::int64_t>();
}

}  // namespace

void Fields::fail(ErrorCode code, std::string message) {
    if (!error_) error_ = Error{code, std::move(message)};
}

void Fields::missing(std::string_view name) {
    fail(ErrorCode::missing_field, std::string(name) + " is required");
}

const Json* Fields::find(std::string_view name) const {
    const auto field = object_.find(std::string(name));
    return field == object_.end() || field->is_null() ? nullptr : &*field;
}

const std::string* Fields::string(std::string_view name) {
    const Json* field = find(name);
    if (!field) return nullptr;
    if (!field->is_string()) {
        fail(ErrorCode::wrong_type, std::string(name) + " must be a string");
        return nullptr;
    }
    return field->get_ptr<const std::string*>();
}

std::optional<UserRole> Fields::optionalRole(std::string_view name) {
    const auto* text = string(name);
    if (!text) return std::nullopt;
    const auto role = parseRole(*text);
    if (!role) {
        fail(ErrorCode::unknown_role,
             std::string(name) + " must be cx-customer, cx-agent, cx-supervisor or robot");
    }
    return role;
}

UserRole Fields::role(std::string_view name) {
    if (!find(name)) missing(name);
    return optionalRole(name).value_or(UserRole::customer);
}

bool Fields::mayLeaveOut(std::string_view name) const {
    return sender_ && sender_->role && !find(name);
}

UserId Fields::sender(std::string_view name) {
    return mayLeaveOut(name) ? sender_->user : id<UserId>(name);
}

UserRole Fields::senderRole(std::string_view name) {
    return mayLeaveOut(name) ? *sender_->role : role(name);
}

std::optional<std::string> Fields::optionalText(std::string_view name, std::size_t bytesMin,
                                                std::size_t bytesMax) {
    const auto* text = string(name);
    if (!text) return std::nullopt;
    if (text->size() > bytesMax) {
        fail(ErrorCode::too_long, std::string(name) + " has " + std::to_string(text->size()) +
                                      " bytes, at most " + std::to_string(bytesMax) +
                                      " are allowed");
    } else if (text->size() < bytesMin) {
        fail(ErrorCode::invalid_value, std::string(name) + " must not be empty");
    } else if (text->find('\0') != std::string::npos) {
        fail(ErrorCode::invalid_text,
             std::string(name) + " has a NUL character or is not well-formed Unicode");
    } else {
        return *text;
    }
    return std::nullopt;
}

std::string Fields::text(std::string_view name, std::size_t bytesMin, std::size_t bytesMax) {
    if (!find(name)) missing(name);
    return optionalText(name, bytesMin, bytesMax).value_or(std::string());
}

std::optional<bool> Fields::optionalBool(std::string_view name) {
    const Json* field = find(name);
    if (!field) return std::nullopt;
    if (!field->is_boolean()) {
        fail(ErrorCode::wrong_type, std::string(name) + " must be true or false");
        return std::nullopt;
    }
    return field->get<bool>();
}

std::optional<std::int64_t> Fields::optionalInt(std::string_view name, std::int64_t min,
                                                std::int64_t max, std::string_view advice) {
    const Json* field = find(name);
    if (!field) return std::nullopt;
    if (!field->is_number()) {
        fail(ErrorCode::wrong_type, std::string(name) + " must be a whole number");
        return std::nullopt;
    }
    const auto whole = wholeNumber(*field);
    if (!whole || *whole < min || *whole > max) {
        fail(ErrorCode::invalid_value, std::string(name) + " must be a whole number from " +
                                           std::to_string(min) + " to " + std::to_string(max) +
                                           std::string(advice));
        return std::nullopt;
    }
    return whole;
}

}  // namespace parley

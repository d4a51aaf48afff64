#pragma once

#include <parley/core/error.h>

#include <optional>
#include <utility>
#include <variant>

namespace parley {

/// A value or the reason why there is none: what every function returns that can be refused. The
/// compiler warns where one is dropped; core/try.h passes an error on in one line. Reading the side
/// that is not there is a defect and throws std::bad_variant_access. Copied and moved as its parts
/// are; one thread at a time, as any value.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    /// Whether there is a value.
    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// REQUIRES: ok(). The reference lives as long as this.
    const T& value() const& { return std::get<0>(state_); }
    T& value() & { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    /// REQUIRES: not ok().
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

    /// As value(). REQUIRES: ok().
    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

private:
    std::variant<T, Error> state_;
};

/// Success without a value, or the reason of the refusal. Default-constructed: success.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    /// Whether there is no error.
    bool ok() const { return !error_; }
    explicit operator bool() const { return ok(); }
    /// REQUIRES: not ok(). Otherwise throws std::bad_optional_access.
    const Error& error() const& { return error_.value(); }
    Error&& error() && { return std::move(error_).value(); }

private:
    std::optional<Error> error_;
};

}  // namespace parley

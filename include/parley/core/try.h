#pragma once

#include <parley/core/result.h>

#include <utility>

/// Forwarding an error, in one line. For functions that return a Result themselves.

#define PARLEY_TRY_JOIN2(a, b) a##b
#define PARLEY_TRY_JOIN(a, b) PARLEY_TRY_JOIN2(a, b)

/// Evaluates an expression that is a Result; returns its error from the calling function, if it
/// has one. The value, if there is one, is dropped.
#define PARLEY_TRY(...)                                                                            \
    do {                                                                                           \
        if (auto parleyTried = (__VA_ARGS__); !parleyTried) return std::move(parleyTried).error(); \
    } while (false)

/// Likewise, and moves the value into `declaration`:
///     PARLEY_TRY_ASSIGN(const auto head, log.head());
/// Two statements: not to be used as the only one of an `if` or a loop without braces.
#define PARLEY_TRY_ASSIGN(declaration, ...) \
    PARLEY_TRY_ASSIGN_AS(PARLEY_TRY_JOIN(parleyTried, __LINE__), declaration, __VA_ARGS__)
#define PARLEY_TRY_ASSIGN_AS(result, declaration, ...) \
    auto result = (__VA_ARGS__);                       \
    if (!result) return std::move(result).error();     \
    declaration = std::move(result).value()

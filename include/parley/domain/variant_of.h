#pragma once

#include <type_traits>
#include <variant>

namespace parley {
namespace variant_of {

/// What is left out of a variant that a table gives: no type.
struct None {};

template <typename Variant, typename... Ts>
struct Build {
    using type = Variant;
};
template <typename... Known, typename T, typename... Ts>
struct Build<std::variant<Known...>, T, Ts...>
    : std::conditional_t<std::is_same_v<T, None> || (std::is_same_v<T, Known> || ...),
                         Build<std::variant<Known...>, Ts...>,
                         Build<std::variant<Known..., T>, Ts...>> {};

}  // namespace variant_of

/// The std::variant of `Ts`, each once, without `None`: for lists that a table of rows gives.
template <typename... Ts>
using VariantOf = typename variant_of::Build<std::variant<>, Ts...>::type;

}  // namespace parley

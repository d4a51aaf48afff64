#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::app {

/// The items, with `with` between them.
inline std::string joined(const std::vector<std::string>& items, std::string_view with = ", ") {
    std::string out;
    for (const auto& item : items) {
        if (&item != &items.front()) out += with;
        out += item;
    }
    return out;
}

}  // namespace parley::app

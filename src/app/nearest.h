#pragma once

#include <cstddef>
#include <string_view>

namespace parley::app {

/// How many letters to add, drop or replace to make one text of the other.
std::size_t editDistance(std::string_view a, std::string_view b);

/// Whether `meant` can be what somebody wanted to write who wrote `name`: a few letters differ.
bool isPlausible(std::string_view name, std::string_view meant);

/// The element of `candidates` whose name comes closest to `name`: what may have been meant by a
/// name that does not exist. The end where there are none. `nameOf` gives an element's name.
template <typename Range, typename NameOf>
auto nearest(std::string_view name, const Range& candidates, NameOf nameOf) {
    auto best = candidates.begin();
    for (auto it = candidates.begin(); it != candidates.end(); ++it) {
        if (editDistance(name, nameOf(*it)) < editDistance(name, nameOf(*best))) best = it;
    }
    return best;
}

}  // namespace parley::app

#include "app/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace parley::app {

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
        }
    }
    return row.back();
}

bool isPlausible(std::string_view name, std::string_view meant) {
    const std::size_t distance = editDistance(name, meant);
    // Where every letter differs, nothing of the name is left.
    return distance <= std::max<std::size_t>(2, name.size() / 3) &&
           distance < std::max(name.size(), meant.size());
}

}  // namespace parley::app

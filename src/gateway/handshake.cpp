#include "gateway/handshake.h"

#include <algorithm>

namespace parley {

bool takesCursors(std::string_view query) {
    bool eioSeen = false;
    bool transportFirst = false;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair == "recovery=0") return false;
        if (pair == "recovery=1") return true;
        if (pair.starts_with("EIO=")) eioSeen = true;
        if (pair.starts_with("transport=") && !eioSeen) transportFirst = true;
    }
    return !transportFirst;
}

}  // namespace parley

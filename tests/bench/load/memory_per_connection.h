#pragma once

#include "server_usage.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

namespace parley::bench {

/// Adds the server's memory for each of `connections`; `before` is its memory without them and
/// `after` with them.
inline void addMemoryPerConnection(nlohmann::ordered_json& figures, const Memory& before,
                                   const Memory& after, std::size_t connections) {
    const auto each = [&](std::int64_t more) {
        return static_cast<double>(more) / static_cast<double>(connections);
    };
    figures["bytesPerConnection"] = each(after.anonymousBytes - before.anonymousBytes);
    figures["residentBytesPerConnection"] = each(after.residentBytes - before.residentBytes);
    figures["serverBytesBefore"] = before.anonymousBytes;
}

}  // namespace parley::bench

#pragma once

#include <cstdint>
#include <string>

namespace parley {

/// A size for people, in units of 1000 as disks have them: "12 MB", "1.4 GB", "640 B". Any thread.
std::string sizeText(std::uint64_t bytes);

}  // namespace parley

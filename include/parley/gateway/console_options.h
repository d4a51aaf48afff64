#pragma once

#include <chrono>
#include <string>

namespace parley {

/// The web page at `/` (docs/console.md). `enabled` is fixed once the gateway is open; a reload
/// changes the others.
struct ConsoleOptions {
    bool enabled = true;
    std::string name;  ///< shown at the top of the page; empty: the address's host
    /// A customer who waits longer than this is marked on the page.
    std::chrono::milliseconds waitingLong{120'000};
    std::chrono::milliseconds waitingTooLong{300'000};  ///< marked more strongly
};

}  // namespace parley

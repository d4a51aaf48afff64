#pragma once

#include <span>
#include <string_view>

namespace parley {

/// A file of the console, as it was bundled.
struct ConsoleFile {
    std::string_view name;  ///< "index.html", "app-1A2B3C4D.js"
    std::string_view bytes;
    std::string_view gzip{};  ///< the same, compressed; empty: the page compresses it
};

/// The files of the console, which are compiled in (scripts/build_console.cmake). Without the
/// console: a page that says so. Static. Any thread.
std::span<const ConsoleFile> consoleFiles();

}  // namespace parley

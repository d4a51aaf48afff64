#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace parley::bench {

/// Fills an empty data folder with a log of `events` events, through the real EventLog and
/// projections in big transactions. Nothing happens when it holds that many already.
nlohmann::ordered_json buildLog(const std::filesystem::path& folder, std::int64_t events);

/// Builds all projections of the folder's log anew, in place.
nlohmann::ordered_json replay(const std::filesystem::path& folder);

/// How long to append: a time, after a warm-up, or a number of messages without one.
struct AppendLength {
    double seconds = 4;
    std::optional<std::int64_t> messages;
};

/// `inFlight` messages are under way to the whole engine at any time, for `length`.
nlohmann::ordered_json appendEngine(const std::filesystem::path& folder, std::size_t inFlight,
                                    const AppendLength& length);
/// The same rows into the same tables and indexes with SQLite's C API alone, `inFlight` a commit.
nlohmann::ordered_json appendRawSqlite(const std::filesystem::path& folder, std::size_t inFlight,
                                       double seconds);
/// The same bytes appended to a plain file, an fdatasync after each `inFlight` rows.
nlohmann::ordered_json appendFile(const std::filesystem::path& folder, std::size_t inFlight,
                                  double seconds);

}  // namespace parley::bench

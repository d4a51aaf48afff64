#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace parley::bench {

/// Fills an empty data folder with a log of `events` events, through the real EventLog and
/// projections in large transactions. Does nothing if the folder already holds that many.
nlohmann::ordered_json buildLog(const std::filesystem::path& folder, std::int64_t events);

/// Rebuilds all projections of the folder's log in place.
nlohmann::ordered_json replay(const std::filesystem::path& folder);

/// How long to append: a time, after a warm-up, or a number of messages without one.
struct AppendLength {
    double seconds = 4;
    std::optional<std::int64_t> messages;
};

/// Keeps `inFlight` messages in progress in the whole engine, for `length`.
nlohmann::ordered_json appendEngine(const std::filesystem::path& folder, std::size_t inFlight,
                                    const AppendLength& length);
/// Inserts the same rows into the same tables and indexes with SQLite's C API only, `inFlight` per
/// commit.
nlohmann::ordered_json appendRawSqlite(const std::filesystem::path& folder, std::size_t inFlight,
                                       double seconds);
/// Appends the same bytes to a plain file, with an fdatasync after each `inFlight` rows.
nlohmann::ordered_json appendFile(const std::filesystem::path& folder, std::size_t inFlight,
                                  double seconds);

}  // namespace parley::bench

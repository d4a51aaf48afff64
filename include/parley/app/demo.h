#pragma once

#include <parley/core/result.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace parley::app {

/// How `parley demo` plays the sample day.
struct DemoOptions {
    /// The running server, "http://host:port".
    std::string url = "http://localhost:3500";
    /// The folder of people.json and the conversations (data/sample, its README.md).
    std::filesystem::path dataDir = {};
    /// How long the whole day takes; 0: as fast as the server acknowledges.
    std::chrono::milliseconds pace{25'000};
    /// Also play into a server that has conversations already.
    bool force = false;
    /// Instead of the day: conversations without end, one to five messages a second.
    bool live = false;
    /// Asked often; true ends `live`.
    std::function<bool()> stopped = [] { return false; };
    /// Progress, a few lines for people. Borrowed for the length of the call.
    std::ostream& out;
};

/// What was played, as the server acknowledged it.
struct DemoReport {
    std::size_t conversations = 0;
    std::size_t people = 0;
    std::size_t steps = 0;
    std::size_t messages = 0;          ///< with the shared ones
    std::size_t hiddenMessages = 0;    ///< of these, stored with isVisible false
    std::size_t sharedMessages = 0;    ///< of these, robot answers shared with a customer
    std::size_t eventsReceived = 0;    ///< what the server sent to all people without being asked
    std::size_t leaksToCustomers = 0;  ///< hidden messages a customer received: 0, or a defect
};

/// Fills an empty server with a believable support day: every person is a Socket.IO client of
/// their own, every step waits for its acknowledgement. Blocks the calling thread, which runs
/// all connections. Refuses with `conflict` if the server has conversations and `force` is
/// off, with `not_found` if the sample folder is missing, with the server's own code and words
/// if it refuses a step. With `live` it goes on until `stopped`, in any server: a restart of the
/// server is waited for, a conversation that the server refuses to go on with is given up. Never
/// throws.
Result<DemoReport> runDemo(const DemoOptions& options);

}  // namespace parley::app

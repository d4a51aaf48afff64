#pragma once

#include <parley/core/result.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace parley::app {

/// With what the demo signs the tokens of its people.
struct DemoKeys {
    std::string file;        ///< PEM with a private key, or a JWKS
    std::string issuer{};    ///< for a server with auth.issuer
    std::string audience{};  ///< for a server with auth.audience
};

/// How `parley demo` plays the sample day. A value; `out` is borrowed.
struct DemoOptions {
    /// The running server, "http://host:port" or "https://host:port".
    std::string url = "http://localhost:3500";
    /// PEM file of the certificates to trust, of a server that speaks TLS; empty: the system's.
    std::string ca = {};
    /// The folder of people.json and the conversations; data/sample/README.md describes it.
    std::filesystem::path dataDir = {};
    /// How long the whole day takes; 0: as fast as the server acknowledges.
    std::chrono::milliseconds pace{25'000};
    /// For a server with auth.mode=jwt.
    std::optional<DemoKeys> keys = {};
    /// Also play into a server that has conversations already.
    bool force = false;
    /// Instead of the day: conversations without end, one to five messages a second. `pace` and
    /// `force` then mean nothing.
    bool live = false;
    /// Asked often, on the calling thread; true ends `live`. The day does not ask.
    std::function<bool()> stopped = [] { return false; };
    /// Gets progress, a few lines for people. REQUIRES: outlives the call.
    std::ostream& out;
};

/// What was played, as the server acknowledged it.
struct DemoReport {
    std::size_t conversations = 0;     ///< begun
    std::size_t people = 0;            ///< with a connection of their own
    std::size_t steps = 0;             ///< of the script, each acknowledged
    std::size_t messages = 0;          ///< with the shared ones
    std::size_t hiddenMessages = 0;    ///< of these, stored with isVisible false
    std::size_t sharedMessages = 0;    ///< of these, robot answers shared with a customer
    std::size_t eventsReceived = 0;    ///< what the server sent to all people without being asked
    std::size_t leaksToCustomers = 0;  ///< hidden messages a customer received: 0, or a defect
};

/// Fills an empty server with a believable support day: every person is a Socket.IO client of
/// their own, every step waits for its acknowledgement. Blocks the calling thread, which runs all
/// connections and sleeps between steps. Refuses with `conflict` if the server has conversations
/// and `force` is off, with `unauthenticated` if it wants other tokens, with `not_found` if the
/// sample folder is missing, with the server's own code and words if it refuses a step; what was
/// played until then stays. With `live` it goes on until `stopped`, in any server: it waits for a
/// server that restarts, and gives up a conversation with which the server refuses to go on. Never
/// throws.
Result<DemoReport> runDemo(const DemoOptions& options);

}  // namespace parley::app

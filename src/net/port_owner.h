#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <set>
#include <string>

/// Finds the process that listens on a port, in /proc, for what an operator is told. Any thread.
namespace parley::net {

/// The inodes of the sockets that listen on `port`, in the text of /proc/net/tcp or tcp6.
std::set<std::uint64_t> listeningOn(std::istream& table, std::uint16_t port);

/// "pid 4711 (parley)"; nothing where no such process can be seen, as when it is another user's or
/// runs in another container. Looks at every process that this one may look into.
std::optional<std::string> processListeningOn(std::uint16_t port);

}  // namespace parley::net

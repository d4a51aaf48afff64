#pragma once

#include <string>
#include <string_view>

/// What a client says of pages and hosts, as the log may have it: bounded, printable, and without
/// anybody's full address. Pure.
namespace parley::net {

/// "chat.example:8080". Of an address only its network: "203.0.113.0/24", "[2001:db8:7::/48]". "?"
/// where the text is no host with an optional port, or another spelling of an address
/// ("3405803853").
std::string hostForLog(std::string_view host);
/// "https://shop.example", its host as hostForLog has it; "null"; "?" for anything else.
std::string originForLog(std::string_view origin);

}  // namespace parley::net

#include "net/address_table.h"

#include <parley/net/server.h>

#include <cstdint>
#include <cstring>

namespace parley::net {
namespace {

// No IPv6 network has this number: 0:ffff::/32 is reserved.
constexpr std::uint64_t kIpv4 = std::uint64_t{0xFFFF} << 32;

std::uint64_t bigEndian(const std::uint8_t* bytes, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
    return value;
}

}  // namespace

ClientAddress AddressTable::keyOf(const Poco::Net::IPAddress& ip) {
    std::uint8_t bytes[16] = {};
    const auto length = static_cast<std::size_t>(ip.length());
    std::memcpy(bytes, ip.addr(), length < sizeof bytes ? length : sizeof bytes);
    if (length == 4) return {kIpv4 | bigEndian(bytes, 4)};
    if (ip.isIPv4Mapped()) return {kIpv4 | bigEndian(bytes + 12, 4)};
    return {bigEndian(bytes, 8)};
}

bool isThisMachine(const engineio::Credentials& asker) {
    const auto address = asker.client.value;
    // 127.0.0.0/8, or ::/64, of which only ::1 is anybody's.
    const bool isLoopback = address >> 24 == (kIpv4 | 127U << 24) >> 24 || address == 0;
    return isLoopback && !asker.clientIsDoubtful;
}

bool AddressTable::enter(ClientAddress key, std::size_t max) {
    if (max == 0) return true;
    const std::lock_guard lock(mutex_);
    std::size_t& count = counts_[key];
    if (count >= max) return false;
    ++count;
    return true;
}

void AddressTable::leave(ClientAddress key) {
    const std::lock_guard lock(mutex_);
    const auto known = counts_.find(key);
    if (known != counts_.end() && --known->second == 0) counts_.erase(known);
}

std::size_t AddressTable::size() const {
    const std::lock_guard lock(mutex_);
    return counts_.size();
}

}  // namespace parley::net

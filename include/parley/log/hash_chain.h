#pragma once

#include <parley/domain/event.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_md_st;
struct evp_md_ctx_st;

namespace parley {

/// A SHA-256.
using Digest = std::array<std::uint8_t, 32>;
/// Random bytes that are hashed together with an event's content, so that a short text cannot be
/// guessed from its hash. Dropped where the content is emptied.
using Salt = std::array<std::uint8_t, 16>;

/// SHA-256 (FIPS 180-4), by OpenSSL. Fetches the algorithm once: a lookup on every call doubles the
/// cost of small inputs. Throws std::runtime_error where OpenSSL has none or fails. One thread.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    /// The digest of the parts, one after another, without anything between them.
    Digest of(std::initializer_list<std::string_view> parts);

private:
    evp_md_st* algorithm_;
    evp_md_ctx_st* context_;
};

/// The canonical bytes of everything an event's row says except `data`, `salt`, `content`:
/// docs/format/event-log.md has the layout and an example in bytes. `key`: the row's key number.
/// Replaces what `out` holds, and keeps its memory. REQUIRES: position, seq, id and time
/// are set; the keys, which are this database's own, are no part of it. Any thread.
void encodeHeader(std::string& out, const Event& event, std::optional<std::int64_t> key);

/// Computes the chain: each hash covers the one before it, so a changed event changes all later
/// hashes. One thread.
class HashChain {
public:
    /// SHA-256(data ‖ salt ‖ content), over the bytes as stored. `salt` is empty for events
    /// without content.
    Digest commitment(std::string_view data, std::string_view salt, std::string_view content);
    /// SHA-256(previous ‖ header ‖ commitment). The first event's previous is 32 zero bytes.
    Digest hash(const Digest& previous, const Event& event, std::optional<std::int64_t> key,
                const Digest& commitment);

private:
    Sha256 sha_;
    std::string header_;
};

/// The part of an event's hash that clients get in a cursor: its first bytes. Any thread.
Fingerprint fingerprintOf(const Digest& hash);

/// Bytes as the text that the functions above take. The view lives as long as the bytes.
inline std::string_view bytesOf(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace parley

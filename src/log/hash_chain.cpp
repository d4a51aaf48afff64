#include <parley/log/hash_chain.h>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace parley {
namespace {

constexpr std::uint8_t kHeaderFormat = 1;

template <typename Int>
void put(std::string& out, Int value) {  // little-endian, whatever the machine
    std::array<char, sizeof(Int)> bytes;
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
    }
    out.append(bytes.data(), bytes.size());
}

void putText(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}

// One byte says whether there is a value, so that "absent" and "empty" differ.
template <typename T, typename Put>
void putOptional(std::string& out, const std::optional<T>& value, Put&& putValue) {
    put(out, static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) putValue(*value);
}

}  // namespace

Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (!algorithm_ || !context_) throw std::runtime_error("OpenSSL offers no SHA-256");
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(algorithm_);
}

Digest Sha256::of(std::initializer_list<std::string_view> parts) {
    Digest digest;
    bool good = EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1;
    for (const auto part : parts) {
        good = good && EVP_DigestUpdate(context_, part.data(), part.size()) == 1;
    }
    good = good && EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1;
    if (!good) throw std::runtime_error("SHA-256 failed");
    return digest;
}

void encodeHeader(std::string& out, const Event& event, std::optional<std::int64_t> key) {
    out.clear();
    put(out, kHeaderFormat);
    put(out, event.position.value);
    putText(out, event.conversation.str());
    put(out, event.seq.value);
    putText(out, eventTypeName(event.type));
    put(out, event.version);
    put(out, event.at.value);
    putText(out, event.actor.str());
    out += bytesOf(event.id.bytes());
    put(out, static_cast<std::uint8_t>(event.role.value_or(UserRole{})));
    put(out, static_cast<std::uint8_t>(event.messageType.value_or(MessageType{})));
    put(out, static_cast<std::uint8_t>(event.toRole.value_or(UserRole{})));
    putOptional(out, event.visible, [&](bool v) { put(out, static_cast<std::uint8_t>(v)); });
    putOptional(out, event.clientMessageId, [&](const auto& id) { putText(out, id.str()); });
    putOptional(out, event.original, [&](const Uuid& id) { out += bytesOf(id.bytes()); });
    putText(out, event.cause);
    putOptional(out, key, [&](std::int64_t v) { put(out, v); });
}

Digest HashChain::commitment(std::string_view data, std::string_view salt,
                             std::string_view content) {
    return sha_.of({data, salt, content});
}

Digest HashChain::hash(const Digest& previous, const Event& event, std::optional<std::int64_t> key,
                       const Digest& commitment) {
    encodeHeader(header_, event, key);
    return sha_.of({bytesOf(previous), header_, bytesOf(commitment)});
}

Fingerprint fingerprintOf(const Digest& hash) {
    Fingerprint fingerprint;
    std::copy_n(hash.begin(), fingerprint.bytes.size(), fingerprint.bytes.begin());
    return fingerprint;
}

}  // namespace parley

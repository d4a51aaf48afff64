#include "auth/key_file.h"

#include <parley/core/try.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <optional>

namespace parley::auth {
namespace {

/// One block of PEM, between its BEGIN and END.
struct Block {
    std::string name;
    std::string bytes;
};

struct FreeText {
    void operator()(void* text) const { OPENSSL_free(text); }
};

// Nothing at the end, or where the rest is no PEM.
std::optional<Block> nextBlock(BIO& text) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* bytes = nullptr;
    long size = 0;
    if (PEM_read_bio(&text, &name, &header, &bytes, &size) != 1) return std::nullopt;
    const std::unique_ptr<char, FreeText> ownName(name);
    const std::unique_ptr<char, FreeText> ownHeader(header);
    const std::unique_ptr<unsigned char, FreeText> ownBytes(bytes);
    if (*header != '\0') return Block{"ENCRYPTED PRIVATE KEY", {}};
    return Block{name,
                 std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size))};
}

Pkey decode(const Block& block) {
    const auto* at = reinterpret_cast<const unsigned char*>(block.bytes.data());
    const auto size = static_cast<long>(block.bytes.size());
    if (block.name == "PUBLIC KEY") return Pkey(d2i_PUBKEY(nullptr, &at, size));
    if (block.name == "RSA PUBLIC KEY") {
        return Pkey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    }
    return Pkey(d2i_AutoPrivateKey(nullptr, &at, size));
}

bool isPublic(const std::string& name) {
    return name.ends_with("PUBLIC KEY");
}
bool isPrivate(const std::string& name) {
    return name == "PRIVATE KEY" || name == "RSA PRIVATE KEY" || name == "EC PRIVATE KEY";
}

}  // namespace

Result<std::vector<NamedKey>> parsePem(std::string_view text, KeyUse use) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
    std::vector<NamedKey> keys;
    std::size_t number = 0;
    while (const auto block = source ? nextBlock(*source) : std::nullopt) {
        if (block->name == "EC PARAMETERS") continue;  // openssl writes them before a key
        if (++number > kKeysOfFileMax) return wrongKey(number, "there are too many keys");
        if (block->name == "ENCRYPTED PRIVATE KEY") return wrongKey(number, "it is encrypted");
        if (!isPublic(block->name) && !isPrivate(block->name)) {
            return wrongKey(number, "it is no key, but a " + block->name);
        }
        if (use == KeyUse::sign && isPublic(block->name)) continue;
        const Pkey pkey = decode(*block);
        if (!pkey) return wrongKey(number, "it cannot be decoded");
        auto key = Key::ofPkey(*pkey, std::nullopt, use);
        if (!key) return wrongKey(number, key.error().message);
        keys.push_back({std::move(*key), {}});
    }
    const bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!atEnd) return wrongKey(number + 1, "its PEM cannot be read");
    return keys;
}

}  // namespace parley::auth

#include "gateway/pid.h"

#include <algorithm>
#include <vector>

namespace parley {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kPidCharacters = 32;

}  // namespace

std::string randomText(Random& random, std::size_t characters) {
    std::vector<std::uint8_t> bytes(characters);
    random.fill(bytes);
    std::string text;
    text.reserve(characters);
    for (const auto byte : bytes) text += kAlphabet[byte & 63];
    return text;
}

std::string newPid(Random& random) {
    return randomText(random, kPidCharacters);
}

bool isPid(std::string_view text) {
    return text.size() == kPidCharacters && std::all_of(text.begin(), text.end(), [](char c) {
               return kAlphabet.find(c) != std::string_view::npos;
           });
}

PidHash hashOfPid(Sha256& sha, std::string_view pid) {
    return sha.of({pid});
}

}  // namespace parley

#include "auth/revocation_list.h"

#include "auth/refused.h"
#include "auth/strict_json.h"
#include "auth/token_time.h"

#include <parley/core/text_file.h>
#include <parley/core/try.h>

#include <algorithm>

namespace parley::auth {
namespace {

constexpr std::size_t kLinesMax = 100'000;
constexpr std::size_t kFileBytesMax = 64 << 20;

}  // namespace

Result<RevocationList> RevocationList::parse(std::string_view text) {
    RevocationList list;
    for (std::size_t number = 1; !text.empty(); ++number) {
        if (number > kLinesMax) {
            return refused("it has more than " + std::to_string(kLinesMax) + " lines");
        }
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (const auto added = list.add(line); !added) {
            return refused("line " + std::to_string(number) + ": " + added.error().message);
        }
    }
    return list;
}

Result<void> RevocationList::add(std::string_view line) {
    const auto entry = parseStrictObject(line, 1);
    if (!entry) return refused("it is not one JSON object");
    const auto id = entry->find("jti");
    if (id != entry->end() && id->is_string() && entry->size() == 1) {
        tokens_.insert(id->get<std::string>());
        return {};
    }
    const auto user = entry->find("sub");
    const auto from = entry->find("notBefore");
    if (user == entry->end() || from == entry->end() || !user->is_string() || entry->size() != 2) {
        return refused(R"(it is neither {"jti":"ID"} nor {"sub":"USER","notBefore":SECONDS})");
    }
    PARLEY_TRY_ASSIGN(auto who, UserId::parse(user->get_ref<const std::string&>(), "sub"));
    const auto at = tokenTime(*from);
    if (!at) return refused("notBefore is not a time in seconds since 1970");
    auto& latest = users_[std::move(who)];
    latest = std::max(latest, *at);
    return {};
}

Result<RevocationList> RevocationList::read(const std::string& path) {
    const auto named = [&](const Error& error) { return refused(path + ": " + error.message); };
    const auto text = readTextFile(path, kFileBytesMax);
    if (!text) return named(text.error());
    auto list = parse(*text);
    if (!list) return named(list.error());
    return list;
}

std::vector<std::string> RevocationList::describe() const {
    std::vector<std::string> lines;
    lines.reserve(size());
    for (const auto& token : tokens_) lines.push_back("jti " + token);
    for (const auto& [user, before] : users_) {
        lines.push_back("sub " + std::to_string(before.value) + ' ' + user.str());
    }
    return lines;
}

bool RevocationList::revokes(const Principal& principal) const {
    if (!principal.tokenId.empty() && tokens_.contains(principal.tokenId)) return true;
    const auto user = users_.find(principal.user);
    return user != users_.end() && (!principal.issuedAt || *principal.issuedAt < user->second);
}

}  // namespace parley::auth

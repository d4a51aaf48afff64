#include <parley/core/hex.h>
#include <parley/log/chain_check.h>

#include <string_view>

namespace parley {

std::string ChainCheck::problemOf(const StoredEvent& stored) {
    const Event& event = stored.event;
    const auto expected = position_.value + 1;
    if (event.position.value != expected) {
        return "expected position " + std::to_string(expected) + ", found " +
               std::to_string(event.position.value);
    }
    // In the middle of the log, a conversation's first event seen may have any seq.
    const auto [known, isFirst] =
        seqs_.try_emplace(event.conversationKey, Seq{fromStart_ ? 0 : event.seq.value - 1});
    auto& seq = known->second;
    if (event.seq.value != seq.value + 1) {
        return "expected seq " + std::to_string(seq.value + 1) + ", found " +
               std::to_string(event.seq.value) + ", conversation \"" + event.conversation.str() +
               "\"";
    }
    if (event.at < at_) return "its time is before that of the event before it";
    const bool salted = stored.salt.has_value();
    if (!stored.commitment && salted != event.content.has_value()) {
        return salted ? "its content is gone" : "it has content without a salt";
    }
    // The commitment binds both data and content only if it is certain where the salt begins.
    if (!stored.commitment && !(event.data.starts_with('{') && event.data.ends_with('}'))) {
        return "its data is no JSON object";
    }
    const std::string_view content = event.content ? std::string_view(*event.content) : "";
    const auto commitment =
        stored.commitment
            ? *stored.commitment
            : chain_.commitment(event.data, salted ? bytesOf(*stored.salt) : "", content);
    const auto hash = chain_.hash(previous_, event, stored.key, commitment);
    if (hash != stored.hash) {
        return "its hash is " + toHex(stored.hash) + ", recomputed " + toHex(hash);
    }
    seq = event.seq;
    position_ = event.position;
    at_ = event.at;
    previous_ = hash;
    return {};
}

}  // namespace parley

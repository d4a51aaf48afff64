#include "gateway/presence/presence_teller.h"

#include "gateway/calls/answer.h"
#include "gateway/presence/presence_json.h"

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetween{1000};
constexpr std::size_t kToldAtOnceMax = 500;

engineio::FramePtr typingFrame(const TypingBoard::News& news) {
    return eventFrame("typing_changed", typingJson(news));
}

}  // namespace

PresenceTeller::PresenceTeller(PresenceBoard& presence, TypingBoard& typing, Publisher& publisher,
                               net::Loop& loop)
    : presence_(presence), typing_(typing), publisher_(publisher), loop_(loop) {
    const auto planSoon = [this] { loop_.post([this] { plan(); }); };
    presence_.onChange(planSoon);
    typing_.onChange(planSoon);
}

void PresenceTeller::plan() {
    if (planned_) return;
    planned_ = true;
    const auto now = loop_.turnTime();
    const auto next = last_ ? std::max(*last_ + kBetween, now) : now;
    loop_.after(next - now, [this] { tell(); });
}

void PresenceTeller::tell() {
    planned_ = false;
    last_ = loop_.turnTime();
    tellPresence();
    tellTyping();
}

void PresenceTeller::tellPresence() {
    const auto news = presence_.take(kToldAtOnceMax);
    if (news.more) plan();
    if (news.empty()) return;
    publisher_.tell(
        {.frame = eventFrame("presence_changed", presenceJson(news, false)), .presence = true});
}

void PresenceTeller::tellTyping() {
    const auto news = typing_.take(kToldAtOnceMax);
    if (news.more) plan();
    if (news.conversations.empty()) return;
    publisher_.tell({.frame = typingFrame(news), .presence = true});
}

engineio::FramePtr typingNow(TypingBoard& typing) {
    const auto news = typing.all(kToldAtOnceMax);
    return news.conversations.empty() ? nullptr : typingFrame(news);
}

}  // namespace parley

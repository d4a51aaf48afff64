#include "gateway/presence/presence_teller.h"

#include "gateway/calls/answer.h"
#include "gateway/presence/presence_json.h"

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetween{1000};
constexpr std::size_t kToldAtOnceMax = 500;

}  // namespace

PresenceTeller::PresenceTeller(PresenceBoard& presence, Publisher& publisher, net::Loop& loop)
    : presence_(presence), publisher_(publisher), loop_(loop) {
    presence_.onChange([this] { loop_.post([this] { plan(); }); });
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
    const auto news = presence_.take(kToldAtOnceMax);
    if (news.more) plan();
    if (news.empty()) return;
    publisher_.tell(
        {.frame = eventFrame("presence_changed", presenceJson(news, false)), .presence = true});
}

}  // namespace parley

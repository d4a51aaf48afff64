#include "cluster/membership.h"

#include <parley/cluster/run_id.h>
#include <parley/core/logging.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace parley {
namespace {

// Messages that are remembered: some seconds of a busy stream. Of marks of a node that is ahead.
constexpr std::size_t kPastMax = 8192;
constexpr std::size_t kAheadMax = 1024;

Membership::LogPoint pointOf(const NodeMark& mark) {
    return {mark.applied.sequence, mark.position, mark.fingerprint};
}

bool isNewer(const NodeMark& mark, const NodeMark& known) {
    if (mark.run != known.run) return !isLateRun(mark.run, known.run);
    if (mark.applied.incarnation != known.applied.incarnation) {
        return mark.applied.incarnation > known.applied.incarnation;
    }
    return mark.applied.sequence >= known.applied.sequence;
}

// But for how far the node has come.
bool isAsBefore(const NodeMark& mark, const NodeMark& known) {
    auto before = known;
    before.applied.sequence = mark.applied.sequence;
    before.position = mark.position;
    before.fingerprint = mark.fingerprint;
    return mark == before;
}

}  // namespace

Membership::Membership(Options options)
    : options_(std::move(options)), voters_(hashOf(options_.voters)) {}

std::uint64_t Membership::hashOf(std::vector<std::string> voters) {
    std::sort(voters.begin(), voters.end());
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, the same on every machine
    for (const auto& voter : voters) {
        for (const char letter : voter + '\n') {
            hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
        }
    }
    return hash;
}

bool Membership::isVoter(const std::string& node) const {
    const auto& voters = options_.voters;
    return std::find(voters.begin(), voters.end(), node) != voters.end();
}

void Membership::applied(const NodeMark& own, const std::vector<LogPoint>& between) {
    if (own.applied.incarnation != own_.applied.incarnation) {
        past_.clear();
        durable_ = epochHeard_ = sequenceHeard_ = 0;
        for (auto& [name, node] : others_) node.same = 0;
    }
    own_ = own;
    epochHeard_ = std::max(epochHeard_, own.applied.epoch);
    sequenceHeard_ = std::max(sequenceHeard_, own.applied.sequence);
    for (const auto& point : between) pass(point);
    pass(pointOf(own));
    for (auto& [name, node] : others_) compare(node);
    computeDurable();
}

void Membership::pass(const LogPoint& point) {
    if (!past_.empty() && past_.back().sequence >= point.sequence) return;
    past_.push_back(point);
    if (past_.size() > kPastMax) past_.pop_front();
}

bool Membership::heard(const NodeMark& mark, Time now) {
    if (mark.name == options_.node) return false;
    auto [found, isNew] = others_.try_emplace(mark.name, Node{mark, now, {}});
    auto& node = found->second;
    bool saysMore = true;
    if (!isNew) {
        if (!isNewer(mark, node.mark)) return false;
        saysMore = !isAsBefore(mark, node.mark);
        const bool startsAnew = mark.run != node.mark.run;
        if (startsAnew) node.differs = false;
        if (startsAnew || mark.applied.incarnation != node.mark.applied.incarnation) {
            node.same = 0;
            node.ahead.clear();
        }
        if (node.mark.elected && !mark.elected && !mark.mayLead) leaderLeft_ = true;
        node.mark = mark;
        node.heard = now;
    }
    if (mark.applied.incarnation == own_.applied.incarnation) {
        epochHeard_ = std::max(epochHeard_, mark.applied.epoch);
        sequenceHeard_ = std::max(sequenceHeard_, mark.applied.sequence);
    }
    const bool isNews = node.ahead.empty() || node.ahead.back().sequence < mark.applied.sequence;
    if (isNews) node.ahead.push_back(pointOf(mark));
    if (node.ahead.size() > kAheadMax) node.ahead.pop_front();
    compare(node);
    computeDurable();
    return saysMore;
}

// A mark counts once the log is known to be the same up to there: two histories never add up to a
// majority. One that is further than this node is compared once this node gets there.
void Membership::compare(Node& node) {
    if (node.mark.applied.incarnation != own_.applied.incarnation) return;
    while (!node.ahead.empty() && node.ahead.front().sequence <= own_.applied.sequence) {
        compare(node, node.ahead.front());
        node.ahead.pop_front();
    }
}

void Membership::compare(Node& node, const LogPoint& point) {
    if (point.sequence <= node.same) return;
    const auto at = std::lower_bound(
        past_.begin(), past_.end(), point.sequence,
        [](const LogPoint& own, std::uint64_t sequence) { return own.sequence < sequence; });
    if (at == past_.end() || at->sequence != point.sequence) return;  // long ago
    if (at->position == point.position && at->fingerprint == point.fingerprint) {
        node.same = point.sequence;
        return;
    }
    if (!std::exchange(node.differs, true)) {
        logger().critical("logs_differ node={} sequence={} position={} own_position={}",
                          node.mark.name, point.sequence, point.position.value, at->position.value);
    }
}

void Membership::computeDurable() {
    std::vector<std::uint64_t> reached;
    for (const auto& voter : options_.voters) {
        const auto other = others_.find(voter);
        if (voter == options_.node) {
            reached.push_back(own_.applied.sequence);
        } else if (other != others_.end() && !other->second.differs) {
            reached.push_back(other->second.same);
        } else {
            reached.push_back(0);
        }
    }
    if (reached.empty()) return;
    std::sort(reached.begin(), reached.end(), std::greater<>());
    const auto majority = reached.size() / 2 + 1;
    durable_ = std::max(durable_, std::min(reached[majority - 1], own_.applied.sequence));
}

std::size_t Membership::votersThere(Time now, bool alsoWithAnotherLog) const {
    std::size_t there = 0;
    for (const auto& voter : options_.voters) {
        const auto other = others_.find(voter);
        const bool isOther = other != others_.end() && isThere(other->second, now) &&
                             (alsoWithAnotherLog || !other->second.differs);
        there += voter == options_.node || isOther ? 1 : 0;
    }
    return there;
}

bool Membership::hearsMajority(Time now) const {
    return votersThere(now, true) > options_.voters.size() / 2;
}

const Membership::Node* Membership::leader(Time now) const {
    const Node* found = nullptr;
    for (const auto& [name, node] : others_) {
        if (!node.mark.elected || !isThere(node, now)) continue;
        if (node.differs || node.mark.applied.incarnation != own_.applied.incarnation) continue;
        if (node.mark.applied.epoch < own_.applied.epoch) continue;  // replaced, and does not know
        if (!found || node.mark.applied.epoch > found->mark.applied.epoch) found = &node;
    }
    return found;
}

bool Membership::mayAsk(Time now) const {
    if (!isVoter(options_.node) || !own_.mayLead) return false;
    if (votersThere(now, false) <= options_.voters.size() / 2) return false;
    for (const auto& [name, node] : others_) {
        if (!isVoter(name) || !isThere(node, now) || node.differs) continue;
        const auto& theirs = node.mark.applied;
        if (theirs.incarnation > own_.applied.incarnation) return false;
        if (node.mark.hearsLeader || node.mark.elected) return false;
        if (theirs.sequence > own_.applied.sequence && node.mark.mayLead) return false;
    }
    return true;
}

std::uint64_t Membership::incarnationHeard(Time now) const {
    std::uint64_t newest = 0;
    for (const auto& [name, node] : others_) {
        if (isThere(node, now)) newest = std::max(newest, node.mark.applied.incarnation);
    }
    return newest;
}

bool Membership::votersDiffer(Time now) const {
    std::size_t same = 1;
    std::size_t different = 0;
    for (const auto& [name, node] : others_) {
        if (isThere(node, now)) ++(node.mark.voters == voters_ ? same : different);
    }
    return different >= same;
}

bool Membership::differsFromMost() const {
    const auto count = std::count_if(others_.begin(), others_.end(), [this](const auto& entry) {
        return entry.second.differs && isVoter(entry.first);
    });
    return static_cast<std::size_t>(count) > options_.voters.size() / 2;
}

std::string Membership::differing() const {
    const auto found = std::find_if(others_.begin(), others_.end(),
                                    [](const auto& entry) { return entry.second.differs; });
    return found == others_.end() ? std::string() : found->first;
}

}  // namespace parley

#include <parley/cluster/replica.h>
#include <parley/core/check.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/log_head.h>
#include <parley/log/read/log_walk.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace parley {
namespace {

Error unexpected(const StreamMessage& message, const std::string& what) {
    return {ErrorCode::storage_damaged,
            "message " + std::to_string(message.sequence) + " of the stream " + what};
}

Result<std::vector<StoredEvent>> eventsOf(const Gate::Unit& unit) {
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(unit.db));
    const auto count = unit.after.position.value - unit.before.position.value;
    auto events = log->read(unit.before.position, static_cast<int>(count));
    PARLEY_CHECK(!events || static_cast<std::int64_t>(events->size()) == count);
    return events;
}

void sleepFor(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

}  // namespace

Replica::Replica(Options options, ReplicatedLog& log, const Place& place)
    : options_(std::move(options)), log_(log), mark_(place.mark), head_(place.head) {}

ReplicationMark Replica::mark() const {
    const std::lock_guard lock(mutex_);
    return mark_;
}

Replica::Place Replica::place() const {
    const std::lock_guard lock(mutex_);
    return {mark_, head_};
}

// Without the lock while it reads, which may take long.
Result<std::optional<ApplyUnit>> Replica::next() {
    const auto before = mark();
    PARLEY_TRY_ASSIGN(const auto found, log_.read(before.sequence + 1));
    if (!found) return std::optional<ApplyUnit>();
    PARLEY_TRY_ASSIGN(auto message, decodeBatch(found->bytes));
    const std::lock_guard lock(mutex_);
    if (isGiven_ || !(mark_ == before)) return std::optional<ApplyUnit>();
    if (leads()) {
        const bool isOwn = message.node == options_.node;
        if (isOwn && message.kind == BatchMessage::Kind::batch) return std::optional<ApplyUnit>();
        stopLeading();
    }
    if (message.incarnation != mark_.incarnation) return unexpected(*found, "is another stream's");
    const bool begins = message.kind == BatchMessage::Kind::epoch;
    if (message.epoch != mark_.epoch + (begins ? 1 : 0)) {
        return unexpected(*found, "is of epoch " + std::to_string(message.epoch) + " after " +
                                      std::to_string(mark_.epoch));
    }
    if (begins) ownEpoch_ = message.node == options_.node ? message.epoch : 0;
    auto unit = std::make_shared<ReplicatedUnit>();
    unit->mark = {message.incarnation, message.epoch, found->sequence};
    unit->after = message.after;
    unit->previous = message.previous;
    unit->events = std::move(message.events);
    unit->changes = std::move(message.changes);
    unit->outcomes = std::move(message.outcomes);
    isGiven_ = true;
    return std::optional(ApplyUnit{std::move(unit)});
}

// With the lock held.
void Replica::stopLeading() {
    ownEpoch_ = 0;
    if (leads_.exchange(false)) logger().warn("leadership_lost node={}", options_.node);
}

void Replica::resign() {
    const std::lock_guard lock(mutex_);
    stopLeading();
}

void Replica::giveBack() {
    const std::lock_guard lock(mutex_);
    isGiven_ = false;
}

// A leadership has one leader, and a leader one message after each: so one id has one text, however
// often it is tried.
std::string Replica::idAfter(const ReplicationMark& mark) const {
    return std::to_string(mark.incarnation) + '-' + std::to_string(mark.epoch) + '-' +
           std::to_string(mark.sequence) + '-' + options_.node;
}

BatchMessage Replica::messageAfter(const ReplicationMark& mark, const LogHead& head) const {
    BatchMessage message;
    message.incarnation = mark.incarnation;
    message.epoch = mark.epoch;
    message.node = options_.node;
    message.after = head.position;
    message.previous = head.hash;
    return message;
}

Append Replica::askToLead(const LogHead& head) {
    const auto after = mark();
    auto message = messageAfter(after, head);
    message.kind = BatchMessage::Kind::epoch;
    ++message.epoch;
    return log_.append(after.sequence, idAfter(after) + "-epoch", encode(message));
}

bool Replica::isElected() const {
    const std::lock_guard lock(mutex_);
    return ownEpoch_ != 0 && ownEpoch_ == mark_.epoch;
}

void Replica::beginToLead() {
    const std::lock_guard lock(mutex_);
    if (ownEpoch_ == 0 || ownEpoch_ != mark_.epoch) return;
    if (leads_.exchange(true)) return;
    logger().info("leads node={} epoch={} sequence={}", options_.node, mark_.epoch, mark_.sequence);
}

bool Replica::isHere(const ReplyTo& replyTo) const {
    const auto run = RequestTag::in(replyTo).run;
    return run.node == 0 || run == options_.run;
}

Gate::Answer Replica::agree(Unit unit) {
    const Error elsewhere{ErrorCode::unavailable, "another node of the cluster decides"};
    if (options_.waitForRoom) options_.waitForRoom(mark().sequence);
    if (!leads()) return {Verdict::refused, {}, elsewhere};
    const auto after = mark();
    auto message = messageAfter(after, unit.before);
    auto events = eventsOf(unit);
    if (!events) return {Verdict::refused, {}, events.error()};
    message.events = std::move(*events);
    message.changes = std::move(unit.changes);
    message.outcomes = std::move(unit.outcomes);
    const auto bytes = encode(message);
    if (bytes.size() > kAppendBytesMax) {
        return {Verdict::refused,
                {},
                {ErrorCode::busy, "one commit holds more than a message of the stream may"}};
    }
    const auto began = std::chrono::steady_clock::now();
    const auto append = appendUntilKnown(after.sequence, idAfter(after), bytes);
    appendDurations_.observe(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began));
    switch (append) {
        case Append::taken:
            return {Verdict::agreed, {after.incarnation, after.epoch, after.sequence + 1}, {}};
        case Append::refused: {
            appendsRefused_.fetch_add(1);
            const std::lock_guard lock(mutex_);
            stopLeading();
            return {Verdict::refused, {}, elsewhere};
        }
        case Append::unknown: break;
    }
    return {Verdict::undecided,
            {},
            {ErrorCode::shutting_down, "the stream has not said whether it took the last commit"}};
}

// Nothing else can be decided before it is known: the stream may have it.
Append Replica::appendUntilKnown(std::uint64_t last, const std::string& id,
                                 const std::string& bytes) {
    for (auto pause = options_.pauseMin;; pause = std::min(2 * pause, options_.pauseMax)) {
        const auto done = log_.append(last, id, bytes);
        if (done != Append::unknown || stopped_.load()) return done;
        options_.pause ? options_.pause(pause) : sleepFor(pause);
    }
}

void Replica::committed(const ReplicationMark& mark, const LogHead& head) {
    {
        const std::lock_guard lock(mutex_);
        mark_ = mark;
        head_ = head;
        isGiven_ = false;
    }
    if (options_.moved) options_.moved();
}

}  // namespace parley

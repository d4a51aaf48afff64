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

// Of the messages that are applied in one commit, unless a single one has more.
constexpr std::size_t kGroupBytesMax = 1024 * 1024;
constexpr std::size_t kGroupEventsMax = 4096;

LogHead headOf(const StoredEvent& last) {
    return {last.event.position, last.event.at, last.event.id, last.hash};
}

Error unexpected(const StreamMessage& message, const std::string& what) {
    return {ErrorCode::storage_damaged,
            "message " + std::to_string(message.sequence) + " of the stream " + what};
}

Result<std::vector<StoredEvent>> eventsOf(const Gate::Unit& unit) {
    const auto count = unit.after.position.value - unit.before.position.value;
    auto events = unit.log.read(unit.before.position, static_cast<int>(count));
    PARLEY_CHECK(!events || static_cast<std::int64_t>(events->size()) == count);
    return events;
}

// Whether the leader of `ledEpoch`, which is heard, has written the last unit: it has one text for
// each place. What begins an epoch is always compared: several nodes may have asked for one.
bool isLed(const ApplyUnits& work, std::uint64_t epochBefore, std::uint64_t ledEpoch) {
    const auto count = work.units.size();
    const auto before = count > 1 ? work.units[count - 2]->mark.epoch : epochBefore;
    const auto epoch = work.units.back()->mark.epoch;
    return epoch == before && epoch == ledEpoch;
}

void sleepFor(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

}  // namespace

Replica::Replica(Options options, ReplicatedLog& log, const Place& place)
    : options_(std::move(options)), log_(log), place_(place) {}

ReplicationMark Replica::mark() const {
    const std::lock_guard lock(mutex_);
    return place_.mark;
}

Replica::Place Replica::place() const {
    const std::lock_guard lock(mutex_);
    return place_;
}

std::vector<Replica::Place> Replica::takePlaces() {
    const std::lock_guard lock(mutex_);
    if (places_.empty()) places_.push_back(place_);
    return std::exchange(places_, {});
}

Result<std::vector<StreamMessage>> Replica::messagesAfter(std::uint64_t sequence, bool mayAsk) {
    PARLEY_TRY_ASSIGN(auto found, mayAsk ? log_.read(sequence + 1) : log_.find(sequence + 1));
    std::vector<StreamMessage> messages;
    if (!found) return messages;
    bool isCareful = false;
    {
        const std::lock_guard lock(mutex_);
        isCareful = isCareful_;
    }
    if (!isCareful && found->bytes.size() < kGroupBytesMax) {
        messages = log_.after(sequence + 1, kGroupBytesMax - found->bytes.size());
    }
    messages.insert(messages.begin(), std::move(*found));
    return messages;
}

// Without the lock while it reads, which may take long.
Result<std::optional<ApplyUnits>> Replica::next(const Reading& reading) {
    const auto before = mark();
    PARLEY_TRY_ASSIGN(const auto messages, messagesAfter(before.sequence, reading.mayAsk));
    if (messages.empty()) return std::optional<ApplyUnits>();
    auto work = give(before, messages);
    if (work && !*work) return work;
    if (work && isLed(**work, before.epoch, reading.ledEpoch)) return work;
    const auto& last = work ? messages[(*work)->units.size() - 1] : messages.front();
    return compared(before, std::move(work), last);
}

Result<std::optional<ApplyUnits>> Replica::give(const ReplicationMark& before,
                                                const std::vector<StreamMessage>& messages) {
    const std::lock_guard lock(mutex_);
    if (!given_.empty() || !(place_.mark == before)) return std::optional<ApplyUnits>();
    PARLEY_TRY_ASSIGN(auto work, unitsOf(messages));
    if (work.units.empty()) return std::optional<ApplyUnits>();
    return std::optional(std::move(work));
}

// Each batch names the event before it, and no message of a group but its last begins an epoch: so
// where the last one is right, all are. If it is not, they are given one by one, as the server has
// them that leads the stream.
Result<std::optional<ApplyUnits>> Replica::compared(const ReplicationMark& before,
                                                    Result<std::optional<ApplyUnits>> work,
                                                    const StreamMessage& last) {
    const auto led = log_.readLed(last.sequence);
    if (led && *led && (*led)->bytes == last.bytes) return work;
    const auto given = giveBack();
    if (!led) return led.error();
    if (!*led) return Error{ErrorCode::busy, "the stream's leader does not have the message yet"};
    if (differsAt_.exchange(last.sequence) != last.sequence) {
        logger().warn("stream_copy_differs sequence={} id={} led_id={}", last.sequence, last.id,
                      (*led)->id);
    }
    if (given > 1) return Error{ErrorCode::busy, "one of several messages is another one"};
    return give(before, {**led});
}

// With the lock held. What is wrong behind the first one is found again when it is the first.
Result<ApplyUnits> Replica::unitsOf(const std::vector<StreamMessage>& messages) {
    ApplyUnits work;
    std::size_t events = 0;
    for (const auto& found : messages) {
        auto message = decodeBatch(found.bytes);
        if (!message && work.units.empty()) return message.error();
        if (!message) break;
        if (leads()) {
            const bool isOwn = message->node == options_.node;
            if (isOwn && message->kind == BatchMessage::Kind::batch) break;
            stopLeading();
        }
        events += message->events.size();
        if (events > kGroupEventsMax && !work.units.empty()) break;
        auto place = placeAfter(given_.empty() ? place_ : given_.back(), found, *message);
        if (!place && work.units.empty()) return place.error();
        if (!place) break;
        auto unit = std::make_shared<ReplicatedUnit>();
        unit->mark = place->mark;
        unit->after = message->after;
        unit->previous = message->previous;
        unit->events = std::move(message->events);
        unit->changes = std::move(message->changes);
        unit->outcomes = std::move(message->outcomes);
        work.units.push_back(std::move(unit));
        given_.push_back(*place);
        if (message->kind == BatchMessage::Kind::epoch) break;
    }
    return work;
}

// With the lock held. Where the node is once it has applied the message.
Result<Replica::Place> Replica::placeAfter(const Place& before, const StreamMessage& found,
                                           const BatchMessage& message) {
    if (message.incarnation != before.mark.incarnation) {
        return unexpected(found, "is another stream's");
    }
    const bool begins = message.kind == BatchMessage::Kind::epoch;
    if (message.epoch != before.mark.epoch + (begins ? 1 : 0)) {
        return unexpected(found, "is of epoch " + std::to_string(message.epoch) + " after " +
                                     std::to_string(before.mark.epoch));
    }
    if (message.previous != before.head.hash) {
        return unexpected(found, "does not follow the last event of the log");
    }
    if (begins) ownEpoch_ = message.node == options_.node ? message.epoch : 0;
    Place after{{message.incarnation, message.epoch, found.sequence}, before.head};
    if (!message.events.empty()) after.head = headOf(message.events.back());
    return after;
}

// With the lock held.
void Replica::stopLeading() {
    ownEpoch_ = 0;
    if (leads_.exchange(false)) logger().warn("leadership_lost node={}", options_.node);
}

void Replica::resign() {
    const std::lock_guard lock(mutex_);
    ownEpoch_ = 0;
    if (leads_.exchange(false)) logger().info("leadership_left node={}", options_.node);
}

std::size_t Replica::giveBack() {
    const std::lock_guard lock(mutex_);
    isCareful_ = true;
    return std::exchange(given_, {}).size();
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
    return ownEpoch_ != 0 && ownEpoch_ == place_.mark.epoch;
}

void Replica::beginToLead() {
    const std::lock_guard lock(mutex_);
    if (ownEpoch_ == 0 || ownEpoch_ != place_.mark.epoch) return;
    if (leads_.exchange(true)) return;
    logger().info("leads node={} epoch={} sequence={}", options_.node, place_.mark.epoch,
                  place_.mark.sequence);
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
        return {Verdict::tooLarge,
                {},
                {ErrorCode::payload_too_large,
                 "the request changes more than the nodes can agree on at once"}};
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
        place_ = {mark, head};
        if (!given_.empty() && given_.back().mark == mark) {
            places_.insert(places_.end(), given_.begin(), given_.end());
            given_.clear();
        } else {
            // Its own unit. One that resigned meanwhile may have given it again: that is refused.
            places_.push_back(place_);
        }
        isCareful_ = false;
    }
    if (options_.moved) options_.moved();
}

void Replica::notCommitted() {
    {
        const std::lock_guard lock(mutex_);
        stopLeading();
    }
    if (options_.moved) options_.moved();
}

}  // namespace parley

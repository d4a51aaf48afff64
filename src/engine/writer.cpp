#include "engine/writer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/domain/decide.h>

namespace parley {
namespace {

std::size_t bytesOfRequest(const Request& request) {
    const auto* command = std::get_if<Command>(&request.work);
    const auto* send = command ? std::get_if<SendMessage>(command) : nullptr;
    return send ? send->content.size() : 0;
}

bool isClosed(const Request& request) {
    return std::holds_alternative<ConnectionClosed>(request.work);
}

bool isOpened(const Request& request) {
    return std::holds_alternative<OpenSession>(request.work);
}

// Whether somebody waits for the reply.
bool isAnswered(const Request& request) {
    const auto* command = std::get_if<Command>(&request.work);
    return !isClosed(request) && !isOpened(request) &&
           !(command && std::holds_alternative<EndTyping>(*command));
}

EventPtr messageIn(const std::vector<ProjectionUpdate>& updates) {
    for (const auto& update : updates) {
        if (const auto* added = std::get_if<MessageAdded>(&update)) return added->message;
    }
    return nullptr;
}

bool hasJoin(const std::vector<ProjectionUpdate>& updates) {
    return std::any_of(updates.begin(), updates.end(), [](const auto& update) {
        return std::holds_alternative<ParticipantAdded>(update);
    });
}

}  // namespace

Writer::Writer(const EngineOptions& options, Database& db, std::unique_ptr<EventLog> log,
               HeadWitness& witness, const Clock& clock, Random& random, OutcomeSink& sink)
    : options_(options),
      db_(db),
      log_(std::move(log)),
      witness_(witness),
      clock_(clock),
      sink_(sink),
      uuids_(random),
      events_(db),
      viewReader_(db),
      views_(db.sqlite()),
      conversations_(viewReader_, options.conversationsLoadedMax),
      sessionStore_(db),
      typing_(options.typingTimeout),
      space_(options.dataFolder, options.warnFreeBytes),
      retention_(options.typingRetention, db, clock),
      head_(log_->head().position.value) {
    uuids_.continueAfter(log_->head().id);
    if (auto stored = sessionStore_.count()) sessionsStored_.store(*stored);
}

Writer::~Writer() { stop(); }

void Writer::start() {
    thread_ = std::thread([this] { run(); });
}

Result<void> Writer::submit(Request request) {
    bool wasEmpty = false;
    {
        std::lock_guard lock(mutex_);
        wasEmpty = queue_.empty();
        if (auto taken = enqueue(request); !taken) return taken;
    }
    if (wasEmpty) wake_.notify_one();
    return {};
}

void Writer::submit(std::vector<Request>& requests, const Engine::NotTaken& notTaken) {
    // `notTaken` may put new ones into `requests`.
    std::vector<Request> handed = std::move(requests);
    requests.clear();
    std::vector<std::pair<const Request*, Error>> refused;
    bool wake = false;
    {
        std::lock_guard lock(mutex_);
        const bool wasEmpty = queue_.empty();
        for (auto& request : handed) {
            if (auto taken = enqueue(request); !taken) {
                refused.emplace_back(&request, taken.error());
            }
        }
        wake = wasEmpty && !queue_.empty();
    }
    if (wake) wake_.notify_one();
    for (const auto& [request, error] : refused) notTaken(*request, error);
    handed.clear();
    if (requests.empty()) requests.swap(handed);  // its memory is used again
}

// With the lock held. Moves from `request` only where it is taken.
Result<void> Writer::enqueue(Request& request) {
    if (stopping_) return Error{ErrorCode::shutting_down, "the server is stopping"};
    if (dead_) return Error{ErrorCode::storage_failed, "the storage has failed"};
    const std::size_t bytes = bytesOfRequest(request);
    const bool full =
        queue_.size() >= options_.queueRequestsMax || queueBytes_ + bytes > options_.queueBytesMax;
    // A closed connection must be noticed whatever the load: it only frees things. A new session is
    // one small entry, and bounded by the connections there may be.
    if (full && !isClosed(request) && !isOpened(request)) {
        busy_.fetch_add(1, std::memory_order_relaxed);
        return Error{ErrorCode::busy, "the server has " + std::to_string(queue_.size()) +
                                          " requests waiting; try again"};
    }
    queueBytes_ += bytes;
    queue_.push_back(std::move(request));
    queued_.store(queue_.size(), std::memory_order_relaxed);
    queuedBytes_.store(queueBytes_, std::memory_order_relaxed);
    return {};
}

void Writer::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::run() {
    while (!dead_ && takeQueued()) {
        watchSpace();
        if (dead_) return;
        addDueTyping();
        const bool quiet = batch_.empty();
        if (!quiet) processBatch();
        retain(quiet);
        sweepIfDue();
    }
}

std::chrono::milliseconds Writer::nextTimer() {
    const auto first = std::min(sweepAt_, space_.nextLook());
    return std::min({typing_.nextDeadline().value_or(first), retention_.nextDue().value_or(first),
                     first});
}

// Waits for requests or for a timer; false once stopped and nothing is left.
bool Writer::takeQueued() {
    batch_.clear();
    const auto wait = std::max(nextTimer() - clock_.monotonic(), std::chrono::milliseconds(0));
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return !stopping_;
    if (queue_.size() <= limits::kBatchCommandsMax) {
        batch_.swap(queue_);
        queueBytes_ = 0;
    } else {
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits::kBatchCommandsMax);
        std::move(queue_.begin(), end, std::back_inserter(batch_));
        queue_.erase(queue_.begin(), end);
        for (const auto& request : batch_) queueBytes_ -= bytesOfRequest(request);
    }
    queued_.store(queue_.size(), std::memory_order_relaxed);
    queuedBytes_.store(queueBytes_, std::memory_order_relaxed);
    return true;
}

// A full disk that has room again is noticed here, without anybody asking for anything.
void Writer::watchSpace() {
    const auto now = clock_.monotonic();
    if (now < space_.nextLook()) return;
    space_.look(now);
    storageFree_.store(space_.freeBytes(), std::memory_order_relaxed);
    if (!space_.full() || !space_.worthTrying()) return;
    if (auto tried = log_->tryCommit(); tried) {
        space_.foundRoom();
        storageFull_.store(false, std::memory_order_relaxed);
        logger().info("storage_room_again free_bytes={}", space_.freeBytes());
    } else if (db_.mustStop()) {
        die(tried.error());
    }
}

// The disk may hold less, or more, than SQLite said: nobody is told anything any more.
void Writer::die(const Error& error) {
    {
        std::lock_guard lock(mutex_);
        dead_ = true;
    }
    logger().critical("storage_lost message=\"{}\"", error.message);
    if (options_.onFatal) options_.onFatal(error.message);
}

void Writer::addDueTyping() {
    for (auto& due : typing_.due(clock_.monotonic())) {
        Origin origin;
        origin.connection = due.connection;  // who typed is not told that they stopped
        batch_.emplace_back(origin,
                            Command(EndTyping{due.conversation, due.user, cause::kTimeout}));
    }
}

void Writer::processBatch() {
    storageError_.reset();
    inTransaction_ = false;
    appendedInBatch_ = 0;
    sessionsAddedInBatch_ = 0;
    missedBytesInBatch_ = 0;
    BatchOutcome batch;
    batch.outcomes.reserve(batch_.size());
    for (auto& request : batch_) {
        batch.outcomes.push_back(process(request));
        if (storageError_) break;
    }
    if (!storageError_ && inTransaction_) commitBatch(batch);
    if (storageError_ && db_.mustStop()) return die(*storageError_);
    if (storageError_) {
        failBatch(batch);
    } else {
        connections_.committed();
        sessions_.committed();
        conversations_.committed();
        typing_.committed();
    }
    loaded_.store(conversations_.size(), std::memory_order_relaxed);
    joined_.store(connections_.size(), std::memory_order_relaxed);
    typingNow_.store(typing_.size(), std::memory_order_relaxed);
    batch.head = log_->head().position;
    head_.store(batch.head.value, std::memory_order_relaxed);
    sink_.publish(std::move(batch));
}

void Writer::commitBatch(BatchOutcome&) {
    auto done = db_.run([this] { views_.flush(); });
    if (done) done = db_.commit();
    if (!done) {
        storageBroke(done.error());
        return;
    }
    log_->committed();
    witness_.note({log_->head().position, log_->head().hash});
    space_.foundRoom();
    storageFull_.store(false, std::memory_order_relaxed);
    eventsAppended_.fetch_add(appendedInBatch_, std::memory_order_relaxed);
    batchesCommitted_.fetch_add(1, std::memory_order_relaxed);
    sessionsStored_.fetch_add(sessionsAddedInBatch_, std::memory_order_relaxed);
}

// Nothing of the batch happened: every request of it is told so, and what was kept in memory is
// brought back to the last commit.
void Writer::failBatch(BatchOutcome& batch) {
    db_.rollback();
    views_.forget();
    log_->rolledBack();
    connections_.rolledBack();
    sessions_.rolledBack();
    conversations_.rolledBack();
    typing_.rolledBack(clock_.monotonic());
    batchesFailed_.fetch_add(1, std::memory_order_relaxed);
    if (storageError_->code == ErrorCode::storage_full) {
        if (!space_.full()) logger().error("storage_full head={}", log_->head().position.value);
        space_.foundNoRoom(clock_.monotonic());
        storageFull_.store(true, std::memory_order_relaxed);
    }
    batch.outcomes.clear();
    for (const auto& request : batch_) {
        Outcome outcome;
        outcome.origin = request.origin;
        outcome.reply = *storageError_;
        outcome.answered = isAnswered(request);
        if (isClosed(request)) {
            connections_.close(request.origin.connection);
            sessions_.erase(request.origin.connection);
        } else if (const auto* opened = std::get_if<OpenSession>(&request.work)) {
            sessions_.put(request.origin.connection, {opened->pid, 0, {}});
        } else if (std::holds_alternative<Barrier>(request.work)) {
            outcome.reply = Reply(BarrierPassed{log_->head().position});
        }
        batch.outcomes.push_back(std::move(outcome));
    }
    connections_.committed();
    sessions_.committed();
}

Error Writer::storageBroke(const Error& error) {
    if (!storageError_) storageError_ = error;
    return error;
}

Result<void> Writer::ensureTransaction() {
    if (inTransaction_) return {};
    auto begun = db_.begin();
    if (!begun) return storageBroke(begun.error());
    inTransaction_ = true;
    return {};
}

Outcome Writer::process(Request& request) {
    if (auto* command = std::get_if<Command>(&request.work)) {
        auto outcome = processCommand(request.origin, *command);
        outcome.answered = isAnswered(request);
        if (!outcome.reply.ok()) refused_.fetch_add(1, std::memory_order_relaxed);
        return outcome;
    }
    Outcome outcome;
    outcome.origin = request.origin;
    outcome.sender = request.origin.connection;
    outcome.answered = isAnswered(request);
    outcome.reply = Reply(BarrierPassed{log_->head().position});
    const auto connection = request.origin.connection;
    if (const auto* closed = std::get_if<ConnectionClosed>(&request.work)) {
        processClosed(outcome, *closed);
    } else if (const auto* opened = std::get_if<OpenSession>(&request.work)) {
        sessions_.put(connection, {opened->pid, 0, {}});
    } else if (const auto* asked = std::get_if<ResumeSession>(&request.work)) {
        resume(outcome, *asked);
    } else if (const auto* dashboard = std::get_if<WatchDashboard>(&request.work)) {
        auto done = watchDashboard(connection, dashboard->watch);
        if (!done) outcome.reply = done.error();
    }
    return outcome;
}

void Writer::processClosed(Outcome& outcome, const ConnectionClosed& closed) {
    const auto connection = outcome.origin.connection;
    for (const auto& typing : typing_.of(connection)) {
        auto state = conversations_.get(typing.conversation);
        if (!state) {
            storageBroke(state.error());
            return;
        }
        const EndTyping end{typing.conversation, typing.user, cause::kDisconnect};
        auto updates = carryOut(**state, Command(end), outcome.origin);
        if (!updates) return;
        std::move(updates->begin(), updates->end(), std::back_inserter(outcome.updates));
    }
    connections_.close(connection);
    // Nobody waits for this: an error has been noted and fails the batch.
    static_cast<void>(closeSession(connection, closed.sessionEnds).ok());
}

Outcome Writer::processCommand(const Origin& origin, Command& command) {
    Outcome outcome;
    outcome.origin = origin;
    outcome.sender = origin.connection;
    const auto refuse = [&](const Error& error) {
        outcome.reply = error;
        return std::move(outcome);
    };

    auto loaded = conversations_.get(conversationOf(command));
    if (!loaded) return refuse(storageBroke(loaded.error()));
    ConversationState& state = **loaded;
    if (auto filled = fillDefaults(origin, state, command); !filled) return refuse(filled.error());

    if (const auto* send = std::get_if<SendMessage>(&command)) {
        auto before = sentBefore(state, *send);
        if (!before) return refuse(before.error());
        if (*before) {
            outcome.reply = Reply(Sent{*before});
            return outcome;
        }
    }
    auto updates = carryOut(state, command, origin);
    if (!updates) {
        const auto* send = std::get_if<SendMessage>(&command);
        if (send && send->expectedSeq && updates.error().code == ErrorCode::conflict) {
            outcome.missed = missedBy(*send, state, origin);
        }
        return refuse(updates.error());
    }
    outcome.updates = std::move(*updates);
    if (auto noted = noteOwn(origin.connection, outcome.updates); !noted) {
        return refuse(noted.error());
    }

    if (const auto* join = std::get_if<JoinRoom>(&command)) {
        if (auto done = finishJoin(*join, state, outcome); !done) return refuse(done.error());
    } else if (const auto* leave = std::get_if<LeaveRoom>(&command)) {
        if (auto done = finishLeave(*leave, state, outcome); !done) return refuse(done.error());
    } else if (auto message = messageIn(outcome.updates)) {
        outcome.reply = Reply(Sent{std::move(message)});
    } else if (const auto* start = std::get_if<StartConversation>(&command)) {
        outcome.reply = Reply(Started{state, start->title, start->description});
    } else {
        outcome.reply = Reply(TypingAcknowledged{});
    }
    return outcome;
}

Result<void> Writer::fillDefaults(const Origin& origin, const ConversationState& state,
                                  Command& command) const {
    const Identity* identity =
        state.started() ? connections_.find(origin.connection, state.key) : nullptr;
    const auto missing = [](const char* field) {
        return Error{ErrorCode::missing_field,
                     std::string(field) + " is required: this connection has not joined the "
                                          "conversation"};
    };
    if (auto* leave = std::get_if<LeaveRoom>(&command); leave && !leave->user) {
        if (!state.started()) return {};  // decide says that there is no such conversation
        if (!identity) return missing("userId");
        leave->user = identity->user;
    } else if (auto* send = std::get_if<SendMessage>(&command)) {
        if (!send->from && !identity) return missing("fromUserId");
        const bool self = identity && (!send->from || *send->from == identity->user);
        if (!send->from) send->from = identity->user;
        if (!send->fromRole && !self) return missing("fromRole");
        if (!send->fromRole) send->fromRole = identity->role;
    }
    return {};
}

// The message this author sent before under the same clientMessageId, if any. The lookup runs
// inside the transaction that holds the write lock, over the UNIQUE index that would refuse a
// second one.
Result<EventPtr> Writer::sentBefore(const ConversationState& state, const SendMessage& send) {
    if (!send.clientMessageId || !state.started()) return EventPtr();
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    auto author = events_.find(*send.from);
    if (!author) return storageBroke(author.error());
    if (!*author) return EventPtr();
    auto found = events_.byClientMessageId(state.key, **author, *send.clientMessageId);
    if (!found) return storageBroke(found.error());
    if (!*found) return EventPtr();
    return std::make_shared<const Event>(std::move(**found));
}

Result<std::vector<ProjectionUpdate>> Writer::carryOut(ConversationState& state,
                                                       const Command& command,
                                                       const Origin& origin) {
    DecideContext context;
    std::optional<Event> original;
    if (const auto* share = std::get_if<ShareRobotMessage>(&command); share && state.started()) {
        auto found = events_.byId(state.key, share->original);
        if (!found) return storageBroke(found.error());
        original = std::move(*found);
        if (original && isMessage(original->type)) context.original = &*original;
    }
    if (std::holds_alternative<JoinRoom>(command) && origin.connection != 0 &&
        !connections_.find(origin.connection, state.key) &&
        connections_.roomsOf(origin.connection) >= options_.roomsPerConnectionMax) {
        return Error{
            ErrorCode::limit_reached,
            "a connection may join " + std::to_string(options_.roomsPerConnectionMax) + " rooms"};
    }
    if (std::holds_alternative<StartTyping>(command) && typing_.size() >= options_.typingMax) {
        return Error{ErrorCode::limit_reached, "too many users are typing at once"};
    }
    auto events = decide(state, command, context);
    if (!events) return events.error();
    if (events->empty()) return std::vector<ProjectionUpdate>{};
    return append(state, std::move(*events), origin);
}

Result<std::vector<ProjectionUpdate>> Writer::append(ConversationState& state,
                                                     std::vector<Event> events,
                                                     const Origin& origin) {
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    number(state, events);
    auto stored = log_->append(events);
    if (!stored) return storageBroke(stored.error());
    auto projected = db_.run([&] {
        for (const auto& event : events) views_.apply(event);
    });
    if (!projected) return storageBroke(projected.error());
    appendedInBatch_ += events.size();
    for (const auto& event : events) {
        if (event.type == EventType::typingStarted) {
            typing_.started({event.conversation, event.actor, origin.connection},
                            clock_.monotonic());
        } else if (event.type == EventType::typingStopped) {
            typing_.stopped(event.conversation, event.actor);
        }
    }
    return project(state, std::move(events));
}

void Writer::number(const ConversationState& state, std::vector<Event>& events) {
    const UnixMillis at = std::max(clock_.now(), log_->head().at);
    Seq seq = state.lastSeq;
    for (auto& event : events) {
        event.seq = {++seq.value};
        event.at = at;
        event.id = uuids_.next(at);
        event.conversationKey = state.key;
        if (const auto* known = state.find(event.actor)) event.actorKey = known->userKey;
    }
}

Result<void> Writer::finishJoin(const JoinRoom& join, const ConversationState& state,
                                Outcome& outcome) {
    const Participant participant = *state.find(join.user);
    const auto connection = outcome.origin.connection;
    if (connection != 0) {
        const Identity* before = connections_.find(connection, state.key);
        const bool again = before && before->user == join.user;
        if (!again && !hasJoin(outcome.updates)) {
            outcome.updates.push_back(ParticipantReturned{state.id, state.key, participant});
        }
        const Identity identity{state.key, join.user, join.role};
        if (!again || before->role != join.role) {
            auto kept =
                joinInSession(connection, {identity, participant.userKey, log_->head().position});
            if (!kept) return kept;
        }
        connections_.join(connection, identity);
        outcome.subscription = Subscribe{state.key, Viewer{participant.userKey, join.role}};
    }
    outcome.reply = Reply(Joined{participant, state, log_->head().position});
    return {};
}

Result<void> Writer::finishLeave(const LeaveRoom& leave, const ConversationState& state,
                                 Outcome& outcome) {
    const auto connection = outcome.origin.connection;
    const Identity* identity = connections_.find(connection, state.key);
    // Who takes somebody else out of a conversation goes on listening.
    if (identity && identity->user == *leave.user) {
        if (auto kept = leaveInSession(connection, state.key); !kept) return kept;
        connections_.leave(connection, state.key);
        outcome.subscription = Unsubscribe{state.key};
    }
    outcome.reply = Reply(Left{});
    return {};
}

// What the sender did not know, as the viewer they are in the conversation. Nothing when it
// cannot be read, or when a flood of conflicts has told too much: the refusal stands without it.
std::shared_ptr<const Missed> Writer::missedBy(const SendMessage& send,
                                               const ConversationState& state,
                                               const Origin& origin) {
    auto missed = std::make_shared<Missed>();
    missed->lastSeq = state.lastSeq;
    if (!state.started()) return missed;
    if (missedBytesInBatch_ > limits::kMissedBatchBytesMax) {
        missed->more = true;
        return missed;
    }
    const Identity* identity = connections_.find(origin.connection, state.key);
    auto user = events_.find(identity ? identity->user : *send.from);
    if (!user) return missed;
    const Viewer viewer{user->value_or(UserKey{0}), identity ? identity->role : *send.fromRole};
    auto messages = events_.missed(state.key, *send.expectedSeq, viewer, missed->more);
    if (messages) missed->messages = std::move(*messages);
    for (const auto& message : missed->messages) {
        missedBytesInBatch_ += message.content ? message.content->size() : 0;
    }
    return missed;
}

void Writer::addTo(EngineCounters& counters) const {
    counters.eventsAppended = eventsAppended_.load(std::memory_order_relaxed);
    counters.batchesCommitted = batchesCommitted_.load(std::memory_order_relaxed);
    counters.batchesFailed = batchesFailed_.load(std::memory_order_relaxed);
    counters.requestsRefused = refused_.load(std::memory_order_relaxed);
    counters.requestsBusy = busy_.load(std::memory_order_relaxed);
    counters.typingEmptied = typingEmptied_.load(std::memory_order_relaxed);
    counters.queueRequests = queued_.load(std::memory_order_relaxed);
    counters.queueBytes = queuedBytes_.load(std::memory_order_relaxed);
    counters.connectionsJoined = joined_.load(std::memory_order_relaxed);
    counters.typing = typingNow_.load(std::memory_order_relaxed);
    counters.conversationsLoaded = loaded_.load(std::memory_order_relaxed);
    counters.sessionsStored =
        static_cast<std::uint64_t>(sessionsStored_.load(std::memory_order_relaxed));
    counters.sessionsResumed = resumed_.load(std::memory_order_relaxed);
    counters.sessionsNotResumed = notResumed_.load(std::memory_order_relaxed);
    counters.headPosition = head_.load(std::memory_order_relaxed);
    counters.storageFull = storageFull_.load(std::memory_order_relaxed);
    counters.storageFreeBytes = storageFree_.load(std::memory_order_relaxed);
}

}  // namespace parley

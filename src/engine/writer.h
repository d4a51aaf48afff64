#pragma once

#include "engine/checkpoints.h"
#include "engine/clock_watch.h"
#include "engine/connection_table.h"
#include "engine/conversation_cache.h"
#include "engine/retention.h"
#include "engine/session_store.h"
#include "engine/session_table.h"
#include "engine/space_watch.h"
#include "engine/typing_table.h"
#include "engine/write_lock_watch.h"

#include <parley/core/brief_wait.h>
#include <parley/core/clock.h>
#include <parley/core/uuid.h>
#include <parley/domain/decide.h>
#include <parley/engine/engine.h>
#include <parley/log/event_log.h>
#include <parley/log/head_witness.h>
#include <parley/log/read/event_lookup.h>
#include <parley/log/read/unseen_messages.h>
#include <parley/projection/overlay_reader.h>
#include <parley/projection/view_writer.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace parley {

/// The writer's thread: takes what has gathered in the queue, decides, appends and projects all
/// of it in one transaction, commits, and only then publishes. While one batch is synced to the
/// disk the next one gathers: the sync is the timer.
class Writer {
public:
    Writer(const EngineOptions& options, Database& db, std::unique_ptr<EventLog> log,
           HeadWitness& witness, Checkpoints& checkpoints, const Clock& clock, Random& random,
           OutcomeSink& sink, Warnings& warnings);
    ~Writer();

    void start();
    Result<void> submit(Request request);
    void submit(std::vector<Request>& requests, const Engine::NotTaken& notTaken);
    void stop();
    /// The storage was found to have failed by another thread: the writer's ends the process as if
    /// it had found that itself. Any thread.
    void storageLost(const Error& error);
    void addTo(EngineCounters& counters) const;
    /// Whether what deletes by age may run (ClockWatch). Any thread.
    bool trustsClock() const { return clockWatch_.isTrusted(); }

private:
    Result<void> enqueue(Request& request);
    void run();
    bool takeQueued();
    void lookAround();
    void watchSpace();
    void watchLock();
    std::chrono::milliseconds upkeepFrom() const;
    std::chrono::milliseconds nextTimer();
    void addDueTyping();
    std::optional<BatchOutcome> processBatch();
    [[noreturn]] void die(const Error& error);
    void commitBatch();
    Result<void> commit();
    void failBatch(BatchOutcome& batch);
    Result<void> ensureTransaction();
    Result<void> beginTransaction();
    Error storageBroke(const Error& error);

    // One request (writer_commands.cpp).
    Outcome process(Request& request);
    Outcome processCommand(const Origin& origin, Command& command);
    void processClosed(Outcome& outcome, const ConnectionClosed& closed);
    Result<void> fillDefaults(const Origin& origin, const ConversationState& state,
                              Command& command) const;
    static Result<void> fillLeave(const Origin& origin, const Identity* identity, Command& command);
    Result<std::vector<ProjectionUpdate>> carryOut(ConversationState& state, const Command& command,
                                                   const Origin& origin,
                                                   const DecideContext& context = {});
    Result<std::vector<ProjectionUpdate>> append(ConversationState& state,
                                                 std::vector<Event> events, const Origin& origin);
    ConnectionId typedElsewhere(const ConversationState& state, const std::vector<Event>& events,
                                const Origin& origin) const;
    void number(const ConversationState& state, std::vector<Event>& events);
    std::shared_ptr<const ConversationState> viewForJoins(const ConversationState& state);
    void completeView(ConversationKey conversation);
    void completeViews();
    Result<void> finishJoin(const JoinRoom& join, const ConversationState& state, Outcome& outcome);
    Result<void> finishLeave(const ConversationState& state, Outcome& outcome);
    Result<void> finishRemoval(const ConversationState& state, Outcome& outcome);

    // What came before a command (writer_past.cpp).
    struct CommandPast {
        EventPtr original;        // of a share: the message of that id
        EventPtr sentBefore;      // of a message: what its author sent under its clientMessageId
        EventPtr sharedBefore;    // of a share: the first of that message
        Viewer viewer;            // through whose eyes the one who asks sees the conversation
        Seq lastSeen;             // of a message with expectedSeq: the last one the viewer may see
        bool subscribed = false;  // of a leave: the connection receives the conversation
        std::size_t participantsMax = SIZE_MAX;
        DecideContext context() const {
            return {original.get(), subscribed, participantsMax,   sentBefore.get(),
                    viewer,         lastSeen,   sharedBefore.get()};
        }
        const EventPtr& answer() const { return sentBefore ? sentBefore : sharedBefore; }
    };
    Result<CommandPast> pastOf(const Command& command, const ConversationState& state,
                               const Origin& origin);
    Result<void> lookUp(const SendMessage& send, const ConversationState& state,
                        const Origin& origin, CommandPast& past);
    Result<void> lookUp(const ShareRobotMessage& share, const ConversationState& state,
                        const Origin& origin, CommandPast& past);
    Result<EventPtr> sentUnder(const ClientMessageId& id, const UserId& author,
                               ConversationKey conversation);
    Result<EventPtr> firstShareOf(const Event& original);
    Result<Viewer> viewerOf(const UserId& named, UserRole role, const ConversationState& state,
                            const Origin& origin);
    std::shared_ptr<const RefusalFacts> factsOf(const Error& error, const Command& command,
                                                const ConversationState& state,
                                                const CommandPast& past);
    Result<HiddenMessages> ownHidden(const ConversationState& state, const Viewer& viewer);
    Missed missedBy(const SendMessage& send, const ConversationState& state,
                    const CommandPast& past);

    // Retention (writer_retention.cpp).
    void retain(bool quiet);
    Result<ConversationState> systemConversation(const ConversationId& id);
    void applyRetention(int eventsMax);
    Result<void> retentionSlice(int eventsMax);

    // Typing across restarts and returns (writer_typing.cpp).
    void endTypingOfLastRun();
    std::vector<TypingChanged> typingIn(const std::vector<StoredRoom>& rooms) const;

    // Sessions (writer_sessions.cpp).
    void resume(Outcome& outcome, const ResumeSession& request);
    Result<std::optional<Gap>> gapOf(const ResumeSession& request, Outcome& outcome);
    Result<bool> forgetEnded(StoredSession& session, Position received);
    Result<bool> isOfThisHistory(const Cursor& cursor);
    Result<bool> isTooFar(const Gap& gap);
    Result<void> watchDashboard(ConnectionId connection, bool watch);
    UnixMillis seenNow() const;
    Result<std::int64_t> sessionRow(ConnectionId connection);
    Result<void> joinInSession(ConnectionId connection, const Identity& identity);
    Result<void> leaveInSession(ConnectionId connection, ConversationKey room);
    Result<void> noteOwn(ConnectionId connection, const std::vector<ProjectionUpdate>& updates);
    Result<void> endSession(ConnectionId connection);
    Result<void> closeSession(ConnectionId connection, bool ends);
    bool isOver(const StoredSession& stored) const;
    Result<std::vector<Position>> takeOwn(HeldSession& held, Position received);
    std::size_t sessionCount() const;
    Result<bool> makeRoomForSession();
    Result<void> writeDrops();
    Result<int> removeDroppedBefore(UnixMillis before, int limit);
    Result<void> removeSession(std::int64_t row);
    void sweepIfDue();
    bool trySweep();
    Result<bool> sweep();
    void noteCrashedSessions();

    const EngineOptions options_;
    Database& db_;
    std::unique_ptr<EventLog> log_;
    HeadWitness& witness_;
    Checkpoints& checkpoints_;
    const Clock& clock_;
    OutcomeSink& sink_;
    UuidGenerator uuids_;
    EventLookup events_;
    ConversationSeqs seqs_;
    UnseenReader unseen_;
    StateReader states_;
    OverlayReader overlay_;
    ViewWriter views_;
    ConversationCache conversations_;
    ConnectionTable connections_;
    SessionStore sessionStore_;
    SessionTable sessions_;
    TypingTable typing_;
    SpaceWatch space_;
    WriteLockWatch writeLock_;
    ClockWatch clockWatch_;
    Retention retention_;

    /// A conversation as joins are shown it, and the state that it is a copy of once complete.
    struct ViewForJoins {
        std::shared_ptr<ConversationState> view;
        const ConversationState* state = nullptr;
    };

    // The batch in work.
    std::unordered_map<ConversationKey, ViewForJoins> viewsForJoins_;
    std::vector<Request> batch_;
    bool inTransaction_ = false;
    std::optional<Error> storageError_;
    std::uint64_t appendedInBatch_ = 0;
    std::int64_t sessionsAddedInBatch_ = 0;
    std::size_t missedBytesInBatch_ = 0;

    std::chrono::milliseconds sweepAt_{0};
    std::chrono::milliseconds lookAroundAt_{0};
    BriefWait briefWait_{200};  // about 80 us: a client's turn, and the loops' before and after it

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Request> queue_;
    std::size_t queueBytes_ = 0;
    bool stopping_ = false;
    std::optional<Error> lost_;  // found by another thread
    bool dead_ = false;          // written under mutex_, by the writer's thread alone
    std::thread thread_;

    std::atomic<std::uint64_t> eventsAppended_{0};
    std::atomic<std::uint64_t> batchesCommitted_{0};
    std::atomic<std::uint64_t> batchesFailed_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> busy_{0};
    std::atomic<std::uint64_t> typingEmptied_{0};
    std::atomic<std::uint64_t> queued_{0};
    std::atomic<std::uint64_t> queuedBytes_{0};
    std::atomic<std::uint64_t> joined_{0};
    std::atomic<std::uint64_t> typingNow_{0};
    std::atomic<std::uint64_t> loaded_{0};
    std::atomic<std::int64_t> sessionsStored_{0};
    std::atomic<std::uint64_t> resumed_{0};
    std::atomic<std::uint64_t> notResumed_{0};
    std::atomic<std::uint64_t> evicted_{0};
    std::atomic<std::uint64_t> notStored_{0};
    std::atomic<std::int64_t> head_{0};
    std::atomic<bool> storageFull_{false};
    std::atomic<std::uint64_t> writeLockBusy_{0};
    std::atomic<std::int64_t> storageFree_{0};
};

}  // namespace parley

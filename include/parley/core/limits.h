#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the program that is not a setting. A queue, map, buffer or text without a
/// row here (or in the configuration) is a defect. A name in Max is the largest value that is still
/// allowed. docs/limits.md tells clients and operators what happens beyond the ones they can meet.
namespace parley::limits {

inline constexpr std::size_t kIdBytesMax = 128;              ///< of conversations, users, messages
inline constexpr std::size_t kContentBytesMax = 512 * 1024;  ///< one message's content, UTF-8
inline constexpr std::size_t kNameBytesMax = 256;            ///< a userName while typing
inline constexpr std::size_t kTitleBytesMax = 1024;          ///< a conversation's title
inline constexpr std::size_t kDescriptionBytesMax = 16 * 1024;
inline constexpr std::size_t kInitialParticipantsMax = 100;  ///< of POST /chat/conversations/start
inline constexpr int kHistoryLimitMax = 100;                 ///< messages one request may ask for
inline constexpr int kHistoryLimitDefault = 50;
inline constexpr std::size_t kReadBacklogBytesMax = 256 * 1024;  ///< unsent to a client: then its
                                                                 ///< next read waits
inline constexpr std::size_t kReadsWaitingMax = 1000;            ///< of one client; beyond: `busy`
inline constexpr int kReadsOfClientMax = 2;                      ///< read at once for one client

inline constexpr std::size_t kBatchCommandsMax = 4096;          ///< commands in one transaction
inline constexpr std::size_t kRequestsGatheredMax = 1024;       ///< by a loop, for the writer
inline constexpr std::size_t kInternedIdsCachedMax = 100'000;   ///< of each kind, by the writer
inline constexpr std::size_t kJsonValuesMax = 50'000;           ///< of a REST request's body
inline constexpr std::size_t kQuestionsRememberedMax = 10'000;  ///< of the last minute, recorded
inline constexpr std::size_t kUsersCountedMax = 200'000;        ///< whose rates are remembered
inline constexpr std::size_t kAddressesCountedMax = 100'000;    ///< likewise; of each rate
inline constexpr std::size_t kPositionWaitsMax = 1024;          ///< reads of a loop; beyond: `busy`
inline constexpr std::size_t kMailboxTasksMax = 8192;  ///< waiting for one loop; beyond: `busy`
inline constexpr std::size_t kMailboxBytesMax = 256 * 1024 * 1024;  ///< frames in them, likewise

// Newest messages kept in memory for history: of one conversation, and of all together.
inline constexpr std::size_t kHistoryTailMessagesMax = 100;
inline constexpr std::size_t kHistoryTailBytesMax = 256 * 1024;
inline constexpr std::size_t kHistoryTailsMax = 64 * 1024;
inline constexpr std::size_t kHistoryTailsBytesMax = 64 * 1024 * 1024;

/// What a start verifies before it serves: about 10 ms, and a quarter of a second.
inline constexpr std::int64_t kEventsVerifiedAtStart = 4096;  ///< of the log's end
inline constexpr std::int64_t kStructureCheckedAtStartBytesMax = 32LL * 1024 * 1024;

/// A full disk is tried again once it has so much room.
inline constexpr std::int64_t kRoomToTryAgainBytes = 1024 * 1024;

inline constexpr std::size_t kWalBytesKept = 64 << 20;  ///< a larger one is cut back at its restart
inline constexpr std::size_t kWalBytesWarn = 64 << 20;  ///< a WAL beyond it is warned of
inline constexpr int kWalkEvents = 2048;                ///< read at once by verify, export, rebuild
inline constexpr std::size_t kWalkBytes = 1 << 20;      ///< of their payload, likewise
inline constexpr std::chrono::milliseconds kBetweenReads{1};  ///< of theirs, beside a server
inline constexpr int kBackupStepPages = 256;         ///< copied between two looks at progress
inline constexpr int kRetentionEventsMax = 1000;     ///< emptied in one transaction
inline constexpr int kRetentionEventsBusyMax = 100;  ///< the same, while requests wait
inline constexpr int kRetentionScanMax = 8192;       ///< events looked at in one transaction

inline constexpr int kUnseenMessagesMax = 100;  ///< told with a `conflict`
inline constexpr std::size_t kUnseenBytesMax =
    256 * 1024;                              ///< their content together, one at least
inline constexpr int kUnseenSeqsMax = 1000;  ///< events looked through for them
inline constexpr std::size_t kUnseenBatchBytesMax =
    4 * 1024 * 1024;  ///< content told with all conflicts of one batch; then only `lastSeq`

inline constexpr std::int64_t kReplayEventsMax = 1'000'000;  ///< gap that is recovered; beyond it a
                                                             ///< fresh session
inline constexpr int kReplayChunkEvents = 1024;              ///< rows read in one transaction
inline constexpr std::size_t kReplayChunkBytes = 256 * 1024;  ///< their content, one event at least
inline constexpr std::size_t kReplayBacklogBytesMax = 256 * 1024;  ///< unsent before it pauses
inline constexpr std::size_t kReplayHeldFramesMax = 20'000;        ///< live ones that await its end
inline constexpr std::size_t kReplayHeldBytesMax = 16 * 1024 * 1024;  ///< likewise; past either the
                                                                      ///< client starts over
inline constexpr int kSessionsSweptMax = 256;  ///< touched or deleted in one go

}  // namespace parley::limits

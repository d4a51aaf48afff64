#pragma once

#include "gateway/calls/answer.h"
#include "gateway/history/history.h"

#include <parley/core/limits.h>
#include <parley/gateway/calls/request_parser.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace parley {

/// A client's reads of history that are not answered yet. A page can be a thousand times as large
/// as the request for it, so the next one is read only once the client has taken the last ones:
/// whoever asks for much at once gets it all, as fast as they take it. The loop's thread.
struct Reads {
    struct Waiting {
        Result<HistoryRequest> request;  ///< or why it is refused, in its turn
        SocketCall call;
        std::shared_ptr<const HistoryViewer> viewer;  ///< as whom it was asked
        int lead = 0;      ///< of what `offset` skips: how many messages are read too
        int attempts = 0;  ///< how often it has been read

        bool withoutAck() const { return !call.ackId; }
    };
    /// A read on its way back from its reader.
    struct Answered {
        Waiting read;
        engineio::FramePtr frame;              ///< the answer as it was read; null: none is due
        std::optional<HistoryPage> page = {};  ///< what it is made of, unless it is a refusal

        std::size_t bytes() const {
            return (frame ? frame->webSocket().size() : 0) + (page ? page->bytes() : 0);
        }
    };

    std::uint64_t number = 0;     ///< tells these from earlier ones of the same client
    std::deque<Waiting> waiting;  ///< the oldest first
    std::shared_ptr<const HistoryViewer> viewer;  ///< of those that were asked last
    int running = 0;       ///< with the reader pool, or read and not sent yet
    bool inOrder = false;  ///< one of those was asked without ack: the next such one waits
    bool paused = false;   ///< a timer will go on

    /// Whether one that is asked like this may begin, once it is its turn.
    bool mayBegin(const SocketCall& call) const {
        const bool ordered = !call.ackId;
        return !paused && running < limits::kReadsOfClientMax && !(ordered && inOrder);
    }
};

/// Lets the waiting reads be carried out as by somebody who has not joined this conversation.
void forgetRoom(Reads& reads, ConversationKey room);

}  // namespace parley

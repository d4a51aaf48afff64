#include "gateway/calls/publisher.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/precise_time.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

// Where the outcome tells of a message, `message` is its JSON.
engineio::FramePtr frameOf(const SocketCall& call, const Outcome& outcome,
                           std::string_view message) {
    if (!outcome.reply) return refusalFrame(call, outcome.reply.error(), outcome.facts.get());
    // The broadcast has encoded it already.
    const bool encoded = std::holds_alternative<MessageReply>(*outcome.reply) && !message.empty();
    return encoded ? answerFrame(call, message) : answerFrame(call, bodyOf(*outcome.reply));
}

std::unique_ptr<net::HttpResponse> responseOf(const Outcome& outcome) {
    auto response = std::make_unique<net::HttpResponse>();
    if (outcome.reply) {
        const bool created = std::holds_alternative<MessageReply>(*outcome.reply) ||
                             std::holds_alternative<ConversationReply>(*outcome.reply);
        response->status = created ? 201 : 200;
        response->body = bodyOf(*outcome.reply);
        tellPosition(*response, outcome.upTo);
    } else {
        *response = httpRefusal(outcome.reply.error(), outcome.facts.get());
    }
    return response;
}

Answer answerOf(const Outcome& outcome, std::string_view message) {
    Answer answer;
    answer.connection = outcome.origin.connection;
    answer.address = ReplyAddress::in(outcome.origin);
    if (!outcome.reply) answer.refusal = outcome.reply.error().code;
    if (const auto call = answer.address.callOf(answer.connection)) {
        answer.frame = frameOf(*call, outcome, message);
    } else if (answer.address.way() == ReplyAddress::Way::http) {
        answer.http = responseOf(outcome);
    } else {
        answer.reply = std::make_unique<const Result<Reply>>(outcome.reply);
    }
    return answer;
}

std::size_t bytesOf(const LoopBatch& batch) {
    std::size_t bytes = 0;
    for (const auto& step : batch.steps) {
        if (const auto* delivery = std::get_if<Delivery>(&step)) {
            bytes += delivery->frame->webSocket().size();
        } else if (const auto* answer = std::get_if<Answer>(&step)) {
            if (answer->joined) bytes += answer->joined->participant.size();
            if (answer->http) bytes += answer->http->body.size();
            if (answer->frame) bytes += answer->frame->webSocket().size();
        }
    }
    return bytes;
}

}  // namespace

void Publisher::addSteps(const Outcome& outcome, std::vector<LoopStep>& steps) {
    std::string_view message;
    for (const auto& update : outcome.updates) {
        deliveries_.clear();
        broadcastUpdate(update, outcome.sender, deliveries_);
        if (const auto* added = std::get_if<MessageAdded>(&update)) {
            message = deliveries_.back().messageJson();
            shared_.tails.add(*added->message, added->messageCount, message);
        }
        if (const auto* typing = std::get_if<TypingChanged>(&update)) shared_.typing.note(*typing);
        for (auto& delivery : deliveries_) steps.emplace_back(std::move(delivery));
    }
    if (outcome.takenOver) steps.emplace_back(TakenOver{outcome.takenOver, outcome.comesBack});
    const auto connection = outcome.origin.connection;
    if (const auto* subscribe = std::get_if<Subscribe>(&outcome.subscription)) {
        steps.emplace_back(SubscriptionChange{connection, *subscribe});
    } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&outcome.subscription)) {
        steps.emplace_back(SubscriptionChange{connection, *unsubscribe});
    }
    if (outcome.removal) {
        for (const auto removed : outcome.removal->connections) {
            steps.emplace_back(SubscriptionLost{removed, outcome.removal->conversation});
        }
    }
    if (!outcome.answered) return;
    const auto* joined = outcome.reply.ok() ? std::get_if<JoinReply>(&*outcome.reply) : nullptr;
    if (joined) {
        Answer answer;
        answer.connection = connection;
        answer.address = ReplyAddress::in(outcome.origin);
        answer.joined = joinAnswer(*joined);
        steps.emplace_back(std::move(answer));
    } else {
        steps.emplace_back(answerOf(outcome, message));
    }
}

std::unique_ptr<JoinAnswer> Publisher::joinAnswer(const JoinReply& joined) {
    auto answer = std::make_unique<JoinAnswer>();
    wire::appendParticipant(answer->participant, joined.participant);
    const auto& viewer = joined.viewer;
    const auto figures = figuresFor(*joined.conversation, viewer, joined.own);
    auto& shown = shown_[{joined.conversation.get(), figures, viewer.role() == UserRole::customer}];
    if (!shown) {
        std::string text;
        wire::appendConversation(text, *joined.conversation, figures, viewer);
        shownBytes_ += text.size();
        shown = std::make_shared<const std::string>(std::move(text));
    }
    answer->conversation = shown;
    answer->position = joined.position;
    return answer;
}

// Puts the frames of one room one behind the other in memory: they go to the same members, each of
// which is then sent them as one piece.
void Publisher::layOutByRoom(std::vector<LoopStep>& steps) {
    byRoom_.clear();
    for (auto& step : steps) {
        if (auto* delivery = std::get_if<Delivery>(&step)) byRoom_.push_back(delivery);
    }
    // Within a room by address, which is the order of the log.
    std::sort(byRoom_.begin(), byRoom_.end(), [](const Delivery* a, const Delivery* b) {
        return a->room != b->room ? a->room < b->room : a < b;
    });
    for (auto first = byRoom_.begin(); first != byRoom_.end();) {
        std::size_t bytes = 0;
        auto end = first;
        for (; end != byRoom_.end() && (*end)->room == (*first)->room; ++end) {
            bytes += (*end)->frame->webSocket().size();
        }
        const auto count = static_cast<std::size_t>(end - first);
        if (count > 1) {
            engineio::FrameRow row(count, bytes);
            for (auto one = first; one != end; ++one) (*one)->frame = row.add(*(*one)->frame);
        }
        first = end;
    }
}

void Publisher::publish(BatchOutcome batch) {
    auto shared = std::make_shared<LoopBatch>();
    shared->steps.reserve(3 * batch.outcomes.size());  // dashboard, room, answer
    for (const auto& outcome : batch.outcomes) addSteps(outcome, shared->steps);
    if (shared->steps.empty()) return;
    const auto isDelivery = [](const LoopStep& step) {
        return std::holds_alternative<Delivery>(step);
    };
    if (std::any_of(shared->steps.begin(), shared->steps.end(), isDelivery)) {
        shared->committedAt = preciseTime();
    }
    layOutByRoom(shared->steps);
    const std::size_t bytes = bytesOf(*shared) + std::exchange(shownBytes_, 0);
    shown_.clear();
    post(std::move(shared), bytes);
}

void Publisher::tell(Delivery delivery) {
    auto batch = std::make_shared<LoopBatch>();
    batch->steps.emplace_back(std::move(delivery));
    const std::size_t bytes = bytesOf(*batch);
    post(std::move(batch), bytes);
}

void Publisher::post(const std::shared_ptr<const LoopBatch>& batch, std::size_t bytes) const {
    for (const auto& target : targets_) {
        target.loop->post([receiver = target.receiver, batch] { receiver->receive(*batch); },
                          bytes);
    }
}

}  // namespace parley

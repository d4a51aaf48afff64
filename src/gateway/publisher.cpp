#include "gateway/publisher.h"

#include <utility>

#include "gateway/answer.h"

namespace parley {
namespace {

Answer answerOf(const Outcome& outcome) {
    Answer answer;
    answer.origin = outcome.origin;
    answer.ok = outcome.reply.ok();
    const auto via = static_cast<Via>(outcome.origin.via);
    if (via == Via::continuation) {
        if (!answer.ok) {
            answer.error = outcome.reply.error();
        } else if (const auto* passed = std::get_if<BarrierPassed>(&*outcome.reply)) {
            answer.position = passed->position;
        }
    } else if (via == Via::http) {
        if (answer.ok) {
            const bool created = std::holds_alternative<Sent>(*outcome.reply) ||
                                 std::holds_alternative<Started>(*outcome.reply);
            answer.http.status = created ? 201 : 200;
            answer.http.body = bodyOf(*outcome.reply);
        } else {
            answer.http = httpRefusal(outcome.reply.error());
        }
    } else if (answer.ok) {
        answer.frame = answerFrame(outcome.origin, bodyOf(*outcome.reply));
    } else {
        const auto request = static_cast<WireRequest>(outcome.origin.request);
        answer.frame =
            refusalFrame(outcome.origin, outcome.reply.error(), wireRequestName(request));
    }
    return answer;
}

std::size_t bytesOf(const LoopBatch& batch) {
    std::size_t bytes = 0;
    for (const auto& step : batch.steps) {
        if (const auto* delivery = std::get_if<Delivery>(&step)) {
            bytes += delivery->frame->webSocket().size();
        } else if (const auto* answer = std::get_if<Answer>(&step)) {
            bytes += answer->http.body.size();
            if (answer->frame) bytes += answer->frame->webSocket().size();
        }
    }
    return bytes;
}

void addSteps(const Outcome& outcome, std::vector<Delivery>& deliveries, std::vector<Step>& steps) {
    deliveries.clear();
    for (const auto& update : outcome.updates) {
        DashboardBroadcaster::broadcast(update, deliveries);
        ConversationBroadcaster::broadcast(update, outcome.sender, deliveries);
    }
    for (auto& delivery : deliveries) steps.emplace_back(std::move(delivery));
    const auto connection = outcome.origin.connection;
    if (const auto* subscribe = std::get_if<Subscribe>(&outcome.subscription)) {
        steps.emplace_back(SubscriptionChange{connection, *subscribe});
    } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&outcome.subscription)) {
        steps.emplace_back(SubscriptionChange{connection, *unsubscribe});
    }
    if (outcome.answered) steps.emplace_back(answerOf(outcome));
}

}  // namespace

void Publisher::publish(BatchOutcome batch) {
    auto shared = std::make_shared<LoopBatch>();
    std::vector<Delivery> deliveries;
    for (const auto& outcome : batch.outcomes) addSteps(outcome, deliveries, shared->steps);
    if (shared->steps.empty()) return;
    const std::size_t bytes = bytesOf(*shared);
    const std::shared_ptr<const LoopBatch> steps = std::move(shared);
    for (const auto& target : targets_) {
        target.loop->post([receiver = target.receiver, steps] { receiver->receive(*steps); },
                          bytes);
    }
}

}  // namespace parley

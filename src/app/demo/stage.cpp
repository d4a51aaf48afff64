#include "app/demo/stage.h"

#include <parley/core/try.h>

namespace parley::app::sample {

Stage::Stage(const DemoOptions& options, const std::map<std::string, Person>& people,
             ServerAddress server, std::size_t conversations)
    : options_(options),
      people_(people),
      server_(std::move(server)),
      tokens_(options),
      rooms_(conversations) {}

void Stage::begin(std::size_t index, const Conversation& conversation) {
    rooms_[index] = {};
    rooms_[index].conversation = conversation;
}

Result<void> Stage::end(std::size_t index) {
    Room& room = rooms_[index];
    while (!room.present.empty()) {
        Step leave;
        leave.conversation = index;
        leave.who = *room.present.begin();
        leave.deed = Deed::leave;
        PARLEY_TRY(perform(leave));
    }
    return {};
}

Result<bool> Stage::hasConversations() const {
    PARLEY_TRY_ASSIGN(const auto token, tokens_.ofBackEnd());
    const auto answer = restRequest(server_, "GET", "/chat/conversations?limit=1", {}, token);
    if (!answer) return answer.error();
    if (answer->status != 200 || !answer->body.is_array()) return notAList(answer->status);
    return !answer->body.empty();
}

Error Stage::notAList(int status) const {
    constexpr int kUnauthorized = 401;
    if (status != kUnauthorized) {
        return {ErrorCode::internal, options_.url + "/chat/conversations answered " +
                                         std::to_string(status) +
                                         " without a list; is this a Parley server?"};
    }
    const std::string wants = options_.url + " wants tokens (auth.mode=jwt)";
    if (!options_.keys) {
        return {ErrorCode::unauthenticated,
                wants + ": say --keys FILE, with a private key whose public half auth.keys names"};
    }
    return {ErrorCode::unauthenticated,
            wants + ", and not those signed with " + options_.keys->file +
                ": auth.keys must name the public half of that key, and auth.issuer and "
                "auth.audience what --issuer and --audience say"};
}

Result<void> Stage::listen() {
    for (auto& [id, client] : clients_) {
        PARLEY_TRY(client->listen());
    }
    return {};
}

void Stage::hangUp() {
    for (const auto& [who, client] : clients_) count(who, *client);
    clients_.clear();
}

DemoReport Stage::report() const {
    Stage counted(options_, people_, server_, 0);
    counted.report_ = report_;
    counted.report_.people = clients_.size();
    for (const auto& [who, client] : clients_) counted.count(who, *client);
    return counted.report_;
}

void Stage::count(const std::string& who, const ChatClient& client) {
    report_.eventsReceived += client.eventsReceived();
    if (people_.at(who).role == "cx-customer") report_.leaksToCustomers += client.hiddenReceived();
}

Result<ChatClient*> Stage::connected(const std::string& who) {
    if (const auto known = clients_.find(who); known != clients_.end()) return known->second.get();
    PARLEY_TRY_ASSIGN(const auto token, tokens_.of(people_.at(who)));
    PARLEY_TRY_ASSIGN(auto client, ChatClient::connect(server_, who, token));
    for (const Room& room : rooms_) {
        if (!room.present.contains(who)) continue;
        PARLEY_TRY(joinRoom(*client, people_.at(who), room));
    }
    return clients_.emplace(who, std::move(client)).first->second.get();
}

Result<void> Stage::joinRoom(ChatClient& client, const Person& person, const Room& room) {
    PARLEY_TRY(client.request("join_room", {{"conversationId", room.conversation.id},
                                            {"userId", person.id},
                                            {"userRole", person.role}}));
    return {};
}

Result<void> Stage::perform(const Step& step) {
    PARLEY_TRY_ASSIGN(ChatClient* const found, connected(step.who));
    ChatClient& client = *found;
    const Person& person = people_.at(step.who);
    Room& room = rooms_[step.conversation];
    const auto request = [&](std::string_view event, Json payload) -> Result<void> {
        payload["conversationId"] = room.conversation.id;
        payload["userId"] = person.id;
        PARLEY_TRY(client.request(event, payload));
        return {};
    };
    switch (step.deed) {
        case Deed::join:
            if (!room.started) {
                PARLEY_TRY(start(person, step, room));
            } else if (options_.keys && person.role == "cx-customer") {
                PARLEY_TRY(letIn(person, room));
            }
            PARLEY_TRY(joinRoom(client, person, room));
            room.present.insert(step.who);
            break;
        case Deed::type: {
            PARLEY_TRY(request("typing_start", {{"userName", person.name}}));
            break;
        }
        case Deed::stop: PARLEY_TRY(request("typing_stop", Json::object())); break;
        case Deed::leave:
            tell(step, room, "leaves the conversation");
            PARLEY_TRY(request("leave_room", Json::object()));
            room.present.erase(step.who);
            break;
        case Deed::say:
        case Deed::note: PARLEY_TRY(speak(client, person, step, room)); break;
        case Deed::share: PARLEY_TRY(share(client, step, room)); break;
    }
    ++room.steps;
    ++report_.steps;
    return {};
}

// Through REST, as a web shop's backend does it: joining alone would start it without title.
Result<void> Stage::start(const Person& person, const Step& step, Room& room) {
    const Conversation& conversation = room.conversation;
    const Json first = {{"userId", person.id}, {"userRole", person.role}};
    const Json body = {{"conversationId", conversation.id},
                       {"title", conversation.title},
                       {"createdBy", person.id},
                       {"createdByRole", person.role},
                       {"initialParticipants", Json::array({first})}};
    PARLEY_TRY_ASSIGN(const auto token, tokens_.ofBackEnd());
    PARLEY_TRY_ASSIGN(const auto answer,
                      restRequest(server_, "POST", "/chat/conversations/start", body, token));
    // A repeated start is one whose answer got lost.
    const bool goesOn = (options_.force || options_.live) && answer.status == 409;
    if (answer.status != 201 && !goesOn) {
        return Error{ErrorCode::internal, "starting it was refused with " +
                                              std::to_string(answer.status) + ": " +
                                              answer.body.dump()};
    }
    room.started = true;
    ++report_.conversations;
    // The title last: it may run from right to left.
    tell(step, room, "writes in (" + conversation.language + "): " + conversation.title);
    return {};
}

// With tokens a customer cannot enter a conversation of others by itself: the back end lets it in.
Result<void> Stage::letIn(const Person& person, const Room& room) {
    const std::string segment = urlEncoded(room.conversation.id);
    PARLEY_TRY_ASSIGN(const auto token, tokens_.ofBackEnd());
    PARLEY_TRY_ASSIGN(const auto answer,
                      restRequest(server_, "POST", "/chat/conversations/" + segment + "/join",
                                  Json{{"userId", person.id}, {"userRole", person.role}}, token));
    constexpr int kErrors = 400;
    if (answer.status < kErrors) return {};
    return Error{ErrorCode::internal, "letting " + person.id + " in was refused with " +
                                          std::to_string(answer.status) + ": " +
                                          answer.body.dump()};
}

Result<void> Stage::speak(ChatClient& client, const Person& person, const Step& step, Room& room) {
    Json payload = {{"conversationId", room.conversation.id},
                    {"fromUserId", person.id},
                    {"fromRole", person.role},
                    {"content", step.text},
                    {"type", person.role == "robot" ? "robot" : "text"}};
    if (!step.toRole.empty()) payload["toRole"] = step.toRole;
    if (step.deed == Deed::note) {
        payload["isVisible"] = false;
        tell(step, room, "writes a note for colleagues");
    } else if (person.role == "cx-agent" && !step.toRole.empty()) {
        tell(step, room, "turns to " + step.toRole + ", unseen by the customer");
    }
    PARLEY_TRY_ASSIGN(const auto message,
                      requestMessage(client, "send_message", std::move(payload), room));
    if (!step.label.empty()) room.messageIds[step.label] = message;
    return {};
}

Result<void> Stage::share(ChatClient& client, const Step& step, Room& room) {
    tell(step, room, "shares the robot's answer with the customer");
    PARLEY_TRY(requestMessage(client, "share_robot_message",
                              {{"conversationId", room.conversation.id},
                               {"originalMessageId", room.messageIds[step.label]},
                               {"fromUserId", step.who}},
                              room));
    ++report_.sharedMessages;
    return {};
}

// The stored message's id.
Result<std::string> Stage::requestMessage(ChatClient& client, std::string_view event, Json payload,
                                          const Room& room) {
    // A step that is repeated after a lost connection is stored once.
    if (options_.live) payload["clientMessageId"] = "step-" + std::to_string(room.steps);
    PARLEY_TRY_ASSIGN(const auto ack, client.request(event, payload));
    if (!ack.is_object() || !ack.contains("id") || !ack["id"].is_string()) {
        return Error{ErrorCode::internal,
                     std::string(event) + " was acknowledged without a message"};
    }
    ++report_.messages;
    if (ack.contains("isVisible") && ack["isVisible"] == false) ++report_.hiddenMessages;
    return ack["id"].get<std::string>();
}

void Stage::tell(const Step& step, const Room& room, const std::string& what) const {
    if (!options_.live) options_.out << timeOfDay(step.atSeconds) << "  ";
    options_.out << room.conversation.id << ": " << step.who << ' ' << what << std::endl;
}

}  // namespace parley::app::sample

#include "app/demo_client.h"
#include "app/demo_script.h"

#include <parley/app/demo.h>
#include <parley/core/clock.h>
#include <parley/core/json.h>

#include <Poco/URI.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace parley::app {
namespace {

using sample::Client;
using sample::Deed;
using sample::Step;
using std::chrono::milliseconds;

constexpr int kGapSecondsMax = 60;  // a longer silence of the day is played as this
constexpr milliseconds kListenEvery{50};
constexpr milliseconds kLastBroadcasts{300};  // for what is still on its way at the end

// When each step is due, from the start, so that the whole day takes `pace`.
std::vector<milliseconds> schedule(const std::vector<Step>& steps, milliseconds pace) {
    std::vector<std::int64_t> seconds;
    seconds.reserve(steps.size());
    std::int64_t at = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const int gap = i == 0 ? 0 : steps[i].atSeconds - steps[i - 1].atSeconds;
        at += std::min(gap, kGapSecondsMax);
        seconds.push_back(at);
    }
    std::vector<milliseconds> due;
    due.reserve(steps.size());
    for (const std::int64_t second : seconds) {
        due.push_back(at == 0 ? milliseconds{0} : milliseconds{second * pace.count() / at});
    }
    return due;
}

// As one segment of a path, and inside a shell's quotes.
std::string urlEncoded(const std::string& text) {
    std::string encoded;
    Poco::URI::encode(text, "!#$&'()*+,/:;=?@[]", encoded);
    return encoded;
}

class Player {
public:
    Player(const DemoOptions& options, const sample::Script& script, sample::ServerAddress server)
        : options_(options),
          script_(script),
          server_(std::move(server)),
          started_(script.conversations.size(), false) {}

    Result<DemoReport> play() {
        if (auto empty = requireEmpty(); !empty) return empty.error();
        options_.out << "A support day at " << script_.company
                     << " (nobody in it exists): " << script_.conversations.size()
                     << " conversations, " << script_.people.size() << " people, into "
                     << options_.url << std::endl;
        const auto due = schedule(script_.steps, options_.pace);
        const auto startedAt = clock_.monotonic();
        for (std::size_t i = 0; i < script_.steps.size(); ++i) {
            if (auto waited = listenUntil(startedAt + due[i]); !waited) return waited.error();
            const Step& step = script_.steps[i];
            if (auto done = perform(step); !done) {
                return Error{done.error().code, "at " + sample::timeOfDay(step.atSeconds) + " in " +
                                                    script_.conversations[step.conversation].id +
                                                    ": " + done.error().message};
            }
            ++report_.steps;
        }
        if (auto waited = listenUntil(clock_.monotonic() + kLastBroadcasts); !waited) {
            return waited.error();
        }
        count();
        return report_;
    }

    void sayWhatToLookAtNext() const {
        const Step& first = script_.steps.front();
        const std::string& id = script_.conversations[first.conversation].id;
        const std::string messages =
            options_.url + "/chat/conversations/" + urlEncoded(id) + "/messages";
        options_.out << "\nDone: " << report_.messages << " messages, " << report_.hiddenMessages
                     << " of them not for customers, who received " << report_.leaksToCustomers
                     << " of those; " << report_.sharedMessages
                     << " robot answers shared.\n\nLook at it:\n"
                     << "  curl " << options_.url << "/chat/conversations\n"
                     << "  curl " << options_.url << "/chat/dashboard/stats\n"
                     << "  curl '" << messages << "'\n"
                     << "  curl '" << messages << "?userId=" << urlEncoded(first.who)
                     << "&userRole=" << script_.people.at(first.who).role
                     << "'    # as the customer sees it\n"
                     << "and in the server's data folder, which scripts/serve keeps in data/run:\n"
                     << "  sqlite3 -readonly data/run/parley.db \"select at, from_user_id, "
                        "is_visible, content from v1_message where conversation_id = '"
                     << id << "' order by position\"" << std::endl;
    }

private:
    Result<void> requireEmpty() {
        const auto answer = sample::restRequest(server_, "GET", "/chat/conversations?limit=1", {});
        if (!answer) {
            return Error{answer.error().code,
                         answer.error().message + " (is the server running? scripts/serve)"};
        }
        if (answer->status != 200 || !answer->body.is_array()) {
            return Error{ErrorCode::internal, options_.url + "/chat/conversations answered " +
                                                  std::to_string(answer->status) +
                                                  " without a list; is this a Parley server?"};
        }
        if (answer->body.empty() || options_.force) return {};
        return Error{ErrorCode::conflict,
                     options_.url +
                         " has conversations already; the demo is for an empty server "
                         "(--force plays it all the same)"};
    }

    Result<void> listenUntil(milliseconds until) {
        for (;;) {
            for (auto& [id, client] : clients_) {
                if (auto heard = client->listen(); !heard) return heard;
            }
            const auto left = until - clock_.monotonic();
            if (left <= milliseconds{0}) return {};
            std::this_thread::sleep_for(std::min(left, kListenEvery));
        }
    }

    Result<void> perform(const Step& step) {
        auto& client = clients_[step.who];
        if (!client) {
            auto connected = Client::connect(server_, step.who);
            if (!connected) {
                clients_.erase(step.who);
                return connected.error();
            }
            client = std::move(*connected);
        }
        const sample::Person& person = script_.people.at(step.who);
        Json payload = {{"conversationId", script_.conversations[step.conversation].id}};
        switch (step.deed) {
            case Deed::join: return join(*client, person, step, std::move(payload));
            case Deed::type:
                payload["userId"] = person.id;
                payload["userName"] = person.name;
                return request(*client, "typing_start", payload);
            case Deed::stop:
                payload["userId"] = person.id;
                return request(*client, "typing_stop", payload);
            case Deed::leave:
                payload["userId"] = person.id;
                tell(step, "leaves the conversation");
                return request(*client, "leave_room", payload);
            case Deed::say:
            case Deed::note: return speak(*client, person, step, std::move(payload));
            case Deed::share: return share(*client, step, std::move(payload));
        }
        return Error{ErrorCode::internal, "a deed without a request"};
    }

    Result<void> join(Client& client, const sample::Person& person, const Step& step,
                      Json payload) {
        if (!started_[step.conversation]) {
            if (auto begun = start(person, step); !begun) return begun;
        }
        payload["userId"] = person.id;
        payload["userRole"] = person.role;
        return request(client, "join_room", payload);
    }

    // Through REST, as a web shop's backend does it: joining alone would start it without title.
    Result<void> start(const sample::Person& person, const Step& step) {
        const sample::Conversation& conversation = script_.conversations[step.conversation];
        const Json first = {{"userId", person.id}, {"userRole", person.role}};
        const Json body = {{"conversationId", conversation.id},
                           {"title", conversation.title},
                           {"createdBy", person.id},
                           {"createdByRole", person.role},
                           {"initialParticipants", Json::array({first})}};
        const auto answer = sample::restRequest(server_, "POST", "/chat/conversations/start", body);
        if (!answer) return answer.error();
        const bool goesOn = options_.force && answer->status == 409;
        if (answer->status != 201 && !goesOn) {
            return Error{ErrorCode::internal, "starting it was refused with " +
                                                  std::to_string(answer->status) + ": " +
                                                  answer->body.dump()};
        }
        started_[step.conversation] = true;
        ++report_.conversations;
        // The title last: it may run from right to left.
        tell(step, "writes in (" + conversation.language + "): " + conversation.title);
        return {};
    }

    Result<void> speak(Client& client, const sample::Person& person, const Step& step,
                       Json payload) {
        payload["fromUserId"] = person.id;
        payload["fromRole"] = person.role;
        payload["content"] = step.text;
        payload["type"] = person.role == "robot" ? "robot" : "text";
        if (!step.toRole.empty()) payload["toRole"] = step.toRole;
        if (step.deed == Deed::note) {
            payload["isVisible"] = false;
            tell(step, "writes a note for colleagues");
        } else if (person.role == "cx-agent" && !step.toRole.empty()) {
            tell(step, "turns to " + step.toRole + ", unseen by the customer");
        }
        const auto message = requestMessage(client, "send_message", payload);
        if (!message) return message.error();
        if (!step.label.empty()) messageIds_[{step.conversation, step.label}] = *message;
        return {};
    }

    Result<void> share(Client& client, const Step& step, Json payload) {
        payload["originalMessageId"] = messageIds_.at({step.conversation, step.label});
        payload["fromUserId"] = step.who;
        tell(step, "shares the robot's answer with the customer");
        const auto message = requestMessage(client, "share_robot_message", payload);
        if (!message) return message.error();
        ++report_.sharedMessages;
        return {};
    }

    static Result<void> request(Client& client, std::string_view event, const Json& payload) {
        const auto ack = client.request(event, payload);
        if (!ack) return ack.error();
        return {};
    }

    // The stored message's id.
    Result<std::string> requestMessage(Client& client, std::string_view event,
                                       const Json& payload) {
        const auto ack = client.request(event, payload);
        if (!ack) return ack.error();
        if (!ack->is_object() || !ack->contains("id") || !(*ack)["id"].is_string()) {
            return Error{ErrorCode::internal,
                         std::string(event) + " was acknowledged without a message"};
        }
        ++report_.messages;
        if (ack->contains("isVisible") && (*ack)["isVisible"] == false) ++report_.hiddenMessages;
        return (*ack)["id"].get<std::string>();
    }

    void tell(const Step& step, const std::string& what) const {
        options_.out << sample::timeOfDay(step.atSeconds) << "  "
                     << script_.conversations[step.conversation].id << ": " << step.who << ' '
                     << what << std::endl;
    }

    void count() {
        report_.people = clients_.size();
        for (const auto& [id, client] : clients_) {
            report_.eventsReceived += client->eventsReceived();
            const bool customer = script_.people.at(id).role == "cx-customer";
            if (customer) report_.leaksToCustomers += client->hiddenReceived();
        }
    }

    const DemoOptions& options_;
    const sample::Script& script_;
    const sample::ServerAddress server_;
    const SystemClock clock_;
    std::vector<bool> started_;                                              // one a conversation
    std::map<std::string, std::unique_ptr<Client>> clients_;                 // by user id
    std::map<std::pair<std::size_t, std::string>, std::string> messageIds_;  // by label
    DemoReport report_;
};

}  // namespace

Result<DemoReport> runDemo(const DemoOptions& options) {
    try {
        auto server = sample::parseServerUrl(options.url);
        if (!server) return server.error();
        const auto script = sample::loadScript(options.dataDir);
        if (!script) return script.error();
        Player player(options, *script, *server);
        auto report = player.play();
        if (report) player.sayWhatToLookAtNext();
        return report;
    } catch (const std::exception& e) {  // memory, or a stream that throws
        return Error{ErrorCode::internal, std::string("the demo stopped: ") + e.what()};
    }
}

}  // namespace parley::app

#pragma once

#include "app/demo/chat_client.h"
#include "app/demo/demo_tokens.h"
#include "app/demo/script.h"

#include <parley/app/demo.h>
#include <parley/core/json.h>
#include <parley/core/result.h>

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::app::sample {

/// The people of a sample day with their connections: carries out steps, one at a time, each until
/// its acknowledgement. A person is connected when they first have something to do, and joins their
/// rooms again after a lost connection. One thread, which runs all connections.
class Stage {
public:
    /// The references outlive the stage. `conversations` is how many a step can name.
    Stage(const DemoOptions& options, const std::map<std::string, Person>& people,
          ServerAddress server, std::size_t conversations);

    /// From now on steps of `index` are this conversation's. What the stage knew of the one before
    /// is forgotten.
    void begin(std::size_t index, const Conversation& conversation);
    /// Everybody who is still in the conversation leaves it.
    Result<void> end(std::size_t index);

    Result<void> perform(const Step& step);
    /// Takes in what has arrived for anybody and answers heartbeats; does not wait. At least every
    /// few seconds.
    Result<void> listen();
    /// Everybody hangs up; the next thing they do connects them again.
    void hangUp();

    /// Asks the server for a conversation, to see whether it is there. Whether it has any.
    Result<bool> hasConversations() const;

    /// What was done up to now.
    DemoReport report() const;

private:
    struct Room {
        Conversation conversation;
        bool started = false;
        std::set<std::string> present;                  // user ids
        std::map<std::string, std::string> messageIds;  // by label
        std::size_t steps = 0;
    };

    Error notAList(int status) const;
    Result<ChatClient*> connected(const std::string& who);
    Result<void> joinRoom(ChatClient& client, const Person& person, const Room& room);
    Result<void> start(const Person& person, const Step& step, Room& room);
    Result<void> letIn(const Person& person, const Room& room);
    Result<void> speak(ChatClient& client, const Person& person, const Step& step, Room& room);
    Result<void> share(ChatClient& client, const Step& step, Room& room);
    Result<std::string> requestMessage(ChatClient& client, std::string_view event, Json payload,
                                       const Room& room);
    void tell(const Step& step, const Room& room, const std::string& what) const;
    void count(const std::string& who, const ChatClient& client);

    const DemoOptions& options_;
    const std::map<std::string, Person>& people_;
    const ServerAddress server_;
    const DemoTokens tokens_;
    std::vector<Room> rooms_;
    std::map<std::string, std::unique_ptr<ChatClient>> clients_;  // by user id
    DemoReport report_;  // without what the clients of now have received
};

}  // namespace parley::app::sample

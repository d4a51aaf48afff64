#include "app/demo/chat_client.h"
#include "app/demo/live.h"
#include "app/demo/script.h"
#include "app/demo/stage.h"

#include <parley/app/demo.h>
#include <parley/core/clock.h>
#include <parley/core/json.h>
#include <parley/core/try.h>

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

class Player {
public:
    Player(const DemoOptions& options, const sample::Script& script, sample::ServerAddress server)
        : options_(options),
          script_(script),
          stage_(options, script.people, std::move(server), script.conversations.size()) {}

    Result<DemoReport> play() {
        PARLEY_TRY(requireEmpty());
        options_.out << "A support day at " << script_.company
                     << " (nobody in it exists): " << script_.conversations.size()
                     << " conversations, " << script_.people.size() << " people, into "
                     << options_.url << std::endl;
        for (std::size_t i = 0; i < script_.conversations.size(); ++i) {
            stage_.begin(i, script_.conversations[i]);
        }
        const auto due = schedule(script_.steps, options_.pace);
        const auto startedAt = clock_.monotonic();
        for (std::size_t i = 0; i < script_.steps.size(); ++i) {
            PARLEY_TRY(listenUntil(startedAt + due[i]));
            const Step& step = script_.steps[i];
            if (auto done = stage_.perform(step); !done) {
                return Error{done.error().code, "at " + sample::timeOfDay(step.atSeconds) + " in " +
                                                    script_.conversations[step.conversation].id +
                                                    ": " + done.error().message};
            }
        }
        PARLEY_TRY(listenUntil(clock_.monotonic() + kLastBroadcasts));
        const DemoReport report = stage_.report();
        sayWhatToLookAtNext(report);
        return report;
    }

private:
    Result<void> requireEmpty() {
        PARLEY_TRY_ASSIGN(const bool some, stage_.hasConversations());
        if (!some || options_.force) return {};
        return Error{ErrorCode::conflict,
                     options_.url +
                         " has conversations already; the demo is for an empty server "
                         "(--force plays it all the same, --live does not mind)"};
    }

    Result<void> listenUntil(milliseconds until) {
        for (;;) {
            PARLEY_TRY(stage_.listen());
            const auto left = until - clock_.monotonic();
            if (left <= milliseconds{0}) return {};
            std::this_thread::sleep_for(std::min(left, kListenEvery));
        }
    }

    void sayWhatToLookAtNext(const DemoReport& report) const {
        const Step& first = script_.steps.front();
        const std::string& id = script_.conversations[first.conversation].id;
        const std::string messages =
            options_.url + "/chat/conversations/" + sample::urlEncoded(id) + "/messages";
        std::string curl = "  curl ";
        if (!options_.ca.empty()) curl += "--cacert '" + options_.ca + "' ";
        if (options_.keys) curl += "-H \"Authorization: Bearer $TOKEN\" ";
        options_.out << "\nDone: " << report.messages << " messages, " << report.hiddenMessages
                     << " of them not for customers, who received " << report.leaksToCustomers
                     << " of those; " << report.sharedMessages
                     << " robot answers shared.\n\nLook at it:\n"
                     << tokenLine() << curl << options_.url << "/chat/conversations\n"
                     << curl << options_.url << "/chat/dashboard/stats\n"
                     << curl << "'" << messages << "'\n"
                     << curl << "'" << messages << "?userId=" << sample::urlEncoded(first.who)
                     << "&userRole=" << script_.people.at(first.who).role
                     << "'    # as the customer sees it\n"
                     << "and in the server's data folder, which scripts/serve keeps in data/run:\n"
                     << "  sqlite3 -readonly data/run/parley.db \"select at, from_user_id, "
                        "is_visible, content from v1_message where conversation_id = '"
                     << id << "' order by position\"" << std::endl;
    }

    // A service reads as the user that the request names, and everything if it names none.
    std::string tokenLine() const {
        if (!options_.keys) return {};
        const auto& keys = *options_.keys;
        std::string line = "  TOKEN=$(parley token --user demo --kind service --keys '" + keys.file;
        if (!keys.issuer.empty()) line += "' --issuer '" + keys.issuer;
        if (!keys.audience.empty()) line += "' --audience '" + keys.audience;
        return line + "')\n";
    }

    const DemoOptions& options_;
    const sample::Script& script_;
    const SystemClock clock_;
    sample::Stage stage_;
};

}  // namespace

Result<DemoReport> runDemo(const DemoOptions& options) {
    try {
        PARLEY_TRY_ASSIGN(auto server, sample::parseServerUrl(options.url));
        server.ca = options.ca;
        PARLEY_TRY_ASSIGN(const auto script, sample::loadScript(options.dataDir));
        if (options.live) return sample::playLive(options, script, server);
        return Player(options, script, server).play();
    } catch (const std::exception& e) {  // memory, or a stream that throws
        return Error{ErrorCode::internal, std::string("the demo stopped: ") + e.what()};
    }
}

}  // namespace parley::app

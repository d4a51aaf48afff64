#include "app/generate/visit.h"

#include "app/generate/rhythm.h"

#include <parley/core/check.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace parley::app::generate {
namespace {

using Who = std::uint8_t;
constexpr Who kCustomer = 0;
constexpr std::size_t kPeopleMax = 24;

// How often something happens.
constexpr double kUnanswered = 0.035;
constexpr double kSilent = 0.01;  // the customer writes nothing
constexpr double kWithRobot = 0.5;
constexpr double kHandover = 0.12;
constexpr double kSupervisorLooksOn = 0.03;
constexpr double kNote = 0.09;          // of an agent's turns
constexpr double kShare = 0.2;          // of an agent's turns with a robot's message to share
constexpr double kRobotAgain = 0.3;     // of a customer's messages, where there is a robot
constexpr double kSecondMessage = 0.2;  // of a turn
constexpr double kTyped = 0.87;         // of messages: the client tells of typing
constexpr double kAbandoned = 0.13;     // of a turn: somebody else typed for nothing
constexpr double kComesBack = 0.13;     // of a turn: the customer's page was closed meanwhile
constexpr double kCustomerLeaves = 0.55;
constexpr double kAgentLeaves = 0.5;

constexpr std::int64_t kTypingTimeoutMs = 6'000;  // as typing.timeout is by default
constexpr std::int64_t kTypingAgainMs = 4'500;

class Visit {
public:
    Visit(Story& story, Attendance& attendance, const People& people, UnixMillis begin, double pace,
          Dice& dice)
        : story_(story),
          attendance_(attendance),
          people_(people),
          dice_(dice),
          begin_(begin),
          now_(begin.value),
          pace_(pace),
          first_(story.steps.size()) {
        free_.fill(begin.value);
    }

    void play() {
        const bool silent = dice_.chance(kSilent);
        arrive(silent);
        if (silent) {
            wait(90'000, 1.0);
            add(Act::leave, kCustomer);
        } else {
            turn(kCustomer);
            if (dice_.chance(kWithRobot)) enterRobot();
            if (dice_.chance(kUnanswered)) {
                waitInVain();
            } else {
                talk();
            }
        }
        inOrder();
    }

private:
    void arrive(bool silent) {
        if (has(kCustomer)) return;
        const double how = attendance_.started ? 0.5 : dice_.share();
        if (how < 0.25) {
            add(Act::start, kCustomer);
        } else if (how < 0.85 || silent) {
            add(Act::join, kCustomer);
        }  // else the first message starts the conversation
        wait(12'000, 0.9);
    }

    void waitInVain() {
        for (std::size_t more = dice_.below(3); more > 0; --more) {
            wait(240'000, 1.0);
            say(kCustomer);
        }
        wait(900'000, 0.8);
        if (dice_.chance(0.6)) leave(kCustomer);
    }

    void talk() {
        agent_ = enterAgent(75'000, 1.1);
        if (dice_.chance(kSupervisorLooksOn)) lookOn();
        const auto turns = dice_.logNormal(3.1, 0.75, 1, 30);
        std::int64_t handover = 0;  // after so many turns; 0: never
        if (dice_.chance(kHandover)) {
            handover = 1 + static_cast<std::int64_t>(dice_.below(static_cast<std::size_t>(turns)));
        }
        for (std::int64_t i = 0; i < turns; ++i) {
            agentsTurn();
            if (handover == i + 1) handOver();
            if (i + 1 == turns) break;
            wait(50'000, 1.0);
            if (dice_.chance(kComesBack)) comeBack();
            turn(kCustomer);
            if (robot_ && dice_.chance(kRobotAgain)) answerByRobot();
        }
        end();
    }

    void end() {
        if (dice_.chance(0.5)) {
            wait(30'000, 0.8);
            say(kCustomer);
        }
        wait(60'000, 1.0);
        const bool mayLeave = has(kCustomer) && dice_.chance(kCustomerLeaves);
        if (mayLeave) leave(kCustomer);
        if (supervisor_) leave(*supervisor_);
        wait(45'000, 1.0);
        if (dice_.chance(kAgentLeaves)) leave(agent_);
    }

    void agentsTurn() {
        wait(40'000, 0.9);
        if (dice_.chance(kNote)) {
            compose(agent_, true);
            add(Act::note, agent_);
            wait(20'000, 0.8);
        }
        if (unshared_ && dice_.chance(kShare)) {
            add(Act::share, agent_);
            unshared_ = false;
            if (dice_.chance(0.5)) return;
            wait(8'000, 0.6);
        }
        turn(agent_);
    }

    void turn(Who who) {
        say(who);
        if (dice_.chance(kSecondMessage)) {
            wait(6'000, 0.7);
            say(who);
        }
        if (dice_.chance(kAbandoned)) {
            abandon(who == kCustomer ? (has(agent_) ? agent_ : kCustomer) : kCustomer);
        }
    }

    void say(Who who) {
        if (dice_.chance(kTyped) && has(who)) compose(who, false);
        add(Act::say, who);
    }

    // Types until the moment at which the message is sent.
    void compose(Who who, bool hidden) {
        const auto length = dice_.logNormal(4'500, 0.6, 700, 15'000);
        const Act act = hidden ? Act::typeHidden : Act::type;
        std::int64_t told = 0;
        add(act, who);
        for (; length - told > kTypingTimeoutMs - 500; told += kTypingAgainMs) {
            now_ += kTypingAgainMs;
            add(act, who);
        }
        now_ += length - told;
    }

    // Types and gives up, while others go on.
    void abandon(Who who) {
        if (!has(who)) return;
        const std::int64_t before = now_;
        now_ = std::max(now_, free_[who]) + dice_.logNormal(5'000, 0.8, 300, 60'000);
        add(Act::type, who);
        const double how = dice_.share();
        if (how < 0.45) {
            now_ += dice_.logNormal(2'500, 0.5, 400, kTypingTimeoutMs - 100);
            add(Act::stopTyping, who);
        } else if (how < 0.9) {
            now_ += kTypingTimeoutMs + static_cast<std::int64_t>(dice_.below(40));
            add(Act::typingTimeout, who);
        } else {
            now_ += dice_.logNormal(2'000, 0.5, 200, kTypingTimeoutMs - 100);
            add(Act::disconnect, who);
        }
        free_[who] = now_ + 1'000;
        now_ = before;
    }

    // Leaves, and is there again a moment later.
    void comeBack() {
        if (!has(kCustomer)) return;
        add(Act::leave, kCustomer);
        wait(20'000, 0.9);
        add(Act::join, kCustomer);
        wait(4'000, 0.6);
    }

    void leave(Who who) {
        if (!has(who)) return;
        // Now and then in the middle of a word.
        if (dice_.chance(0.06)) {
            add(Act::type, who);
            now_ += 900;
        }
        add(Act::leave, who);
    }

    void enterRobot() {
        robot_ = numberOf(people_.robot(dice_));
        answerByRobot();
    }

    void answerByRobot() {
        now_ += dice_.logNormal(2'500, 0.5, 400, 20'000);
        add(Act::answerByRobot, *robot_);
        unshared_ = true;
    }

    Who enterAgent(double medianMs, double sigma) {
        wait(medianMs, sigma);
        const Who who = numberOf(people_.agent({now_}, dice_));
        add(Act::join, who);
        return who;
    }

    void lookOn() {
        supervisor_ = numberOf(people_.supervisor(dice_));
        add(Act::joinHidden, *supervisor_);
    }

    void handOver() {
        compose(agent_, true);
        add(Act::note, agent_);
        const Who before = agent_;
        agent_ = enterAgent(90'000, 0.9);
        wait(15'000, 0.8);
        if (before == agent_) return;
        now_ = std::max(now_, free_[before]);
        if (dice_.chance(0.15)) {
            add(Act::remove, agent_, before);
        } else if (dice_.chance(0.6)) {
            add(Act::leave, before);
        }
        agentsTurn();
    }

    bool has(Who who) const { return (attendance_.present & (1U << who)) != 0; }

    void wait(double medianMs, double sigma) {
        const double slow = Rhythm::slowness(begin_) * pace_;
        now_ += dice_.logNormal(medianMs * slow, sigma, 300, 6 * 3'600'000);
    }

    void add(Act act, Who who, Who other = 0) {
        now_ = std::max(now_, free_[who]);
        const StoryStep step{
            .at = {now_}, .act = act, .who = who, .other = other, .text = dice_.next()};
        story_.steps.push_back(step);
        attendance_.take(step);
        free_[who] = std::max(free_[who], now_);
    }

    Who numberOf(const Character& person) {
        auto& all = story_.people;
        const auto known = std::find_if(
            all.begin(), all.end(), [&](const Character& one) { return one.user == person.user; });
        if (known != all.end()) return static_cast<Who>(known - all.begin());
        if (all.size() < kPeopleMax) {
            all.push_back(person);
            return static_cast<Who>(all.size() - 1);
        }
        // A conversation that goes on for months has its own circle.
        std::vector<Who> sameRole;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].role == person.role) sameRole.push_back(static_cast<Who>(i));
        }
        PARLEY_CHECK(!sameRole.empty());
        return sameRole[dice_.below(sameRole.size())];
    }

    // Typing for nothing was added out of order.
    void inOrder() {
        std::stable_sort(story_.steps.begin() + static_cast<std::ptrdiff_t>(first_),
                         story_.steps.end(),
                         [](const StoryStep& a, const StoryStep& b) { return a.at < b.at; });
    }

    Story& story_;
    Attendance& attendance_;
    const People& people_;
    Dice& dice_;
    const UnixMillis begin_;
    std::int64_t now_;
    const double pace_;
    const std::size_t first_;
    std::array<std::int64_t, 32> free_{};  // until when each person is busy
    Who agent_ = kCustomer;
    std::optional<Who> robot_;
    std::optional<Who> supervisor_;
    bool unshared_ = false;  // there is a robot's message that nobody has shared
};

}  // namespace

void addVisit(Story& story, Attendance& attendance, const People& people, UnixMillis begin,
              double pace, Dice& dice) {
    Visit(story, attendance, people, begin, pace, dice).play();
}

}  // namespace parley::app::generate

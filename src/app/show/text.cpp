#include "app/show/formats.h"
#include "app/transcript/safe_text.h"

#include <parley/core/try.h>

#include <algorithm>
#include <iomanip>
#include <string>
#include <vector>

namespace parley::app::show_command {
namespace {

std::string plain(std::string_view text) {
    std::string out;
    transcripts::appendPlain(out, text);
    return out;
}

// A title or a name with line feeds must not look like further lines.
std::string onOneLine(std::string_view text) {
    std::string out = plain(text);
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

void line(std::ostream& out, std::string_view name, const std::string& value) {
    out << std::left << std::setw(14) << name << value << '\n';
}

std::string named(const UserId& user, std::string_view role) {
    return onOneLine(user.str()) + " (" + std::string(role) + ')';
}

// The name stands before the first value alone.
void list(std::ostream& out, std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return line(out, name, "nobody");
    for (const auto& one : values) line(out, &one == &values.front() ? name : "", one);
}

std::vector<std::string> participants(const Shown& shown, const TimeZone& zone) {
    std::vector<std::string> all;
    for (const auto& one : shown.conversation->row.state.participants) {
        if (!sees(shown.viewer, one)) continue;
        all.push_back(named(one.user, roleName(one.role)) + ", since " + zone.iso(one.joinedAt) +
                      (one.hidden ? ", hidden from customers" : ""));
    }
    return all;
}

std::vector<std::string> typing(const Shown& shown) {
    std::vector<std::string> all;
    for (const auto& one : typingFor(shown.conversation->row.state, shown.viewer)) {
        all.push_back(onOneLine(one.user.str()) +
                      (one.userName.empty() ? "" : ", as \"" + onOneLine(one.userName) + '"') +
                      (one.hidden ? ", hidden from customers" : ""));
    }
    return all;
}

void printState(std::ostream& out, const Shown& shown, const TimeZone& zone) {
    const auto& row = shown.conversation->row;
    if (row.title) line(out, "Title", onOneLine(*row.title));
    if (row.description) line(out, "Description", onOneLine(*row.description));
    line(out, "Started", zone.iso(row.state.createdAt));
    line(out, "Messages", std::to_string(row.figures.messageCount));
    list(out, "Participants", participants(shown, zone));
    list(out, "Typing", typing(shown));
    if (shown.conversation->emptied) {
        line(out, "", "(retention has emptied names of those who typed)");
    }
}

void printHead(std::ostream& out, const Shown& shown, const TimeZone& zone) {
    line(out, "Conversation", onOneLine(shown.id.str()));
    line(out, "As of",
         "position " + std::to_string(shown.moment.position.value) + ", " +
             zone.iso(shown.moment.at));
    if (shown.user) line(out, "Seen by", named(*shown.user, roleName(shown.viewer.role())));
    if (shown.conversation) return printState(out, shown, zone);
    line(out, "",
         "who had left at position " + std::to_string(shown.messages.value) +
             ": could see messages until then, nothing else");
}

std::string marksOf(const Event& message, std::optional<Position> shared) {
    if (message.original) return " [shares a robot's message]";
    const bool robots =
        message.role == UserRole::robot || message.messageType == MessageType::robot;
    std::string marks;
    const auto add = [&](const std::string& mark) { marks += (marks.empty() ? "" : ", ") + mark; };
    if (robots) add("robot");
    if (message.messageType == MessageType::system) add("system");
    if (message.toRole) add("to " + std::string(roleName(*message.toRole)));
    if (!visibleToEveryCustomer(message) && !robots) add("note");
    if (shared) add("shared at " + std::to_string(shared->value));
    return marks.empty() ? "" : " [" + marks + ']';
}

void printMessage(std::ostream& out, const Event& message, std::optional<Position> shared,
                  const TimeZone& zone) {
    const auto role = roleName(message.role.value_or(UserRole::customer));
    out << '\n'
        << zone.iso(message.at) << "  " << message.position.value << "  "
        << named(message.actor, role) << marksOf(message, shared) << '\n';
    const std::string content = plain(message.content.value_or(""));
    for (std::size_t from = 0; from <= content.size();) {
        const auto end = std::min(content.find('\n', from), content.size());
        const auto text = content.substr(from, end - from);
        out << (text.empty() ? "" : "    ") << text << '\n';
        from = end + 1;
    }
}

}  // namespace

Result<void> printText(std::ostream& out, PastReading& reading, const Shown& shown,
                       const TimeZone& zone) {
    printHead(out, shown, zone);
    return reading.messages(shown, [&](const Event& message, std::optional<Position> shared) {
        printMessage(out, message, shared, zone);
    });
}

}  // namespace parley::app::show_command

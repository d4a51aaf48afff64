#include "app/transcript/page.h"

#include <parley/core/hex.h>

namespace parley::app::transcripts {
namespace {

std::string counted(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string leftOut(const Head& head) {
    std::string out = "typing";
    if (head.withheld > 0) {
        out += "; " + counted(head.withheld, "message") + " that " + head.viewer + " may not see";
    }
    return out;
}

}  // namespace

std::string timeOfDay(const TimeZone& zone, UnixMillis at) {
    return zone.iso(at).substr(11, 8);
}

std::vector<std::pair<std::string, std::string>> factsOf(const Head& head, const TimeZone& zone) {
    std::vector<std::pair<std::string, std::string>> facts{{"Conversation", head.conversation}};
    if (!head.title.empty()) facts.emplace_back("Title", head.title);
    if (!head.description.empty()) facts.emplace_back("Description", head.description);
    std::string people;
    for (const auto& one : head.people) people += (people.empty() ? "" : ", ") + one;
    facts.emplace_back("Took part", people);
    facts.emplace_back("Messages", std::to_string(head.messages));
    facts.emplace_back("Seen by", head.viewer.empty() ? "staff: nothing is hidden"
                                  : head.role.empty() ? head.viewer
                                                      : head.viewer + " as " + head.role);
    facts.emplace_back("Left out", leftOut(head));
    facts.emplace_back("Retention", head.emptied == 0 ? "has emptied nothing of it"
                                                      : "has emptied the metadata of " +
                                                            counted(head.emptied, "event"));
    facts.emplace_back("Log", "up to position " + std::to_string(head.through.value) + " of " +
                                  zone.iso(head.throughAt) + ", hash " + toHex(head.throughHash));
    facts.emplace_back("Made", zone.iso(head.madeAt) + " by " + head.by);
    facts.emplace_back("Times", zone.name());
    return facts;
}

}  // namespace parley::app::transcripts

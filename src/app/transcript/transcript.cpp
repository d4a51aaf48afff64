#include "app/transcript/transcript.h"

#include "app/export/exported_events.h"

#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/log/read/log_times.h>
#include <parley/log/read/log_walk.h>

#include <algorithm>

namespace parley::app::transcripts {
namespace {

using exports::ExportedEvents;
using exports::Selection;

Selection selectionOf(const TranscriptOrder& order, std::optional<Position> through,
                      bool throughTheirEyes) {
    Selection selection{.filters = {}, .through = through};
    selection.filters.conversations = {order.conversation};
    if (throughTheirEyes) {
        selection.filters.viewer = order.viewer;
        selection.filters.role = order.role;
    }
    return selection;
}

Result<void> eachEvent(ExportedEvents& source,
                       const std::function<Result<void>(const StoredEvent&)>& each) {
    for (;;) {
        PARLEY_TRY_ASSIGN(const auto chunk, source.next());
        if (chunk.empty()) return {};
        for (const auto& stored : chunk) PARLEY_TRY(each(stored));
        pauseBetweenReads();
    }
}

void note(Head& head, const StoredEvent& stored) {
    const Event& event = stored.event;
    if (event.type == EventType::conversationStarted) {
        head.title = startText(event, "title");
        head.description = startText(event, "description");
    }
    if (isMessage(event.type)) ++head.messages;
    if (stored.commitment) ++head.emptied;
    if (!event.role) return;
    std::string person = event.actor.str() + " (" + std::string(roleName(*event.role)) + ")";
    const auto& people = head.people;
    const bool isNew = std::find(people.begin(), people.end(), person) == people.end();
    if (isNew && event.type != EventType::conversationStarted) {
        head.people.push_back(std::move(person));
    }
}

// Reads all of the conversation once, for what the head says.
Result<Head> headOf(Database& db, const TranscriptOrder& order) {
    PARLEY_TRY_ASSIGN(const auto times, db.query([&] { return std::make_unique<LogTimes>(db); }));
    std::optional<Position> last;
    if (order.asOf) {
        PARLEY_TRY_ASSIGN(const auto moment, momentOf(*times, *order.asOf, order.now));
        last = moment.position;
    }
    PARLEY_TRY_ASSIGN(const auto seen, ExportedEvents::open(db, selectionOf(order, last, true)));
    const auto& through = seen->beginning().through;
    Head head;
    head.conversation = order.conversation.str();
    head.by = order.by;
    head.madeAt = order.now;
    head.through = through.position;
    head.throughHash = through.hash;
    head.viewer = order.viewer ? order.viewer->str() : std::string();
    head.role = order.role ? std::string(roleName(*order.role)) : std::string();
    head.positions = order.positions;
    PARLEY_TRY_ASSIGN(const auto end, times->at(through.position));
    head.throughAt = end.value_or(LogMoment{}).at;
    std::int64_t events = 0;
    PARLEY_TRY(eachEvent(*seen, [&](const StoredEvent& stored) {
        note(head, stored);
        ++events;
        return Result<void>();
    }));
    if (events == 0 && !order.viewer) {
        return conversationNotYet(order.conversation, through.position);
    }
    if (events == 0) {
        return Error{ErrorCode::conversation_not_found,
                     "\"" + head.viewer + "\" may see nothing of conversation \"" +
                         head.conversation + "\""};
    }
    if (!order.viewer) return head;
    PARLEY_TRY_ASSIGN(const auto all,
                      ExportedEvents::open(db, selectionOf(order, through.position, false)));
    head.withheld = -head.messages;
    PARLEY_TRY(eachEvent(*all, [&](const StoredEvent& stored) {
        if (isMessage(stored.event.type)) ++head.withheld;
        return Result<void>();
    }));
    return head;
}

// "+01:00", of a time as TimeZone::iso writes it.
std::string offsetIn(const std::string& iso) {
    return iso.ends_with('Z') ? "+00:00" : iso.substr(iso.size() - 6);
}

}  // namespace

Result<void> writeTranscript(Database& db, const TranscriptOrder& order, const TimeZone& zone,
                             Page& page,
                             const std::function<Result<void>(std::string_view)>& write) {
    PARLEY_TRY_ASSIGN(const Head head, headOf(db, order));
    std::string out;
    page.begin(out, head);
    PARLEY_TRY_ASSIGN(const auto source,
                      ExportedEvents::open(db, selectionOf(order, head.through, true)));
    std::string day;
    const auto add = [&](const StoredEvent& stored) -> Result<void> {
        const auto entry = entryOf(stored);
        if (!entry) return {};
        const std::string iso = zone.iso(entry->at);
        const std::string today = iso.substr(0, 10) + offsetIn(iso);
        if (today != day) page.day(out, iso.substr(0, 10), offsetIn(iso));
        day = today;
        page.entry(out, *entry);
        if (out.size() < 64 * 1024) return {};
        PARLEY_TRY(write(out));
        out.clear();
        return {};
    };
    PARLEY_TRY(eachEvent(*source, add));
    page.end(out);
    return write(out);
}

}  // namespace parley::app::transcripts

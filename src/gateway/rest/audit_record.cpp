#include "gateway/rest/audit_record.h"

#include "gateway/calls/answer.h"

#include <parley/core/hex.h>
#include <parley/core/json_writer.h>

#include <algorithm>

namespace parley {
namespace {

void writeUser(JsonWriter& json, const std::optional<UserId>& user,
               const std::optional<UserRole>& role) {
    if (user) json.field("userId", *user);
    if (role) json.field("userRole", roleName(*role));
}

// {"kind","userId"?,"userRole"?}, and of a service the user that it acts as: {...,"for":{...}}.
std::string askerJson(const NamedViewer& asker) {
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    const auto* principal = asker.principal.get();
    json.field("kind", principalKindName(principal ? principal->kind : PrincipalKind::none));
    if (!principal) {
        writeUser(json, asker.user, asker.role);
    } else {
        writeUser(json, principal->user, principal->role);
        if (isService(*principal) && (asker.user || asker.role)) {
            json.key("for").beginObject();
            writeUser(json, asker.user, asker.role);
            json.endObject();
        }
    }
    json.endObject();
    return text;
}

// `words`: their salted hash, as JSON; empty: there are none.
std::string filtersJson(const AuditedRead& read, std::string_view words) {
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    for (const auto& [name, value] : read.filters) json.field(std::string_view(name), value);
    json.optionalField("viewer", read.viewer);
    if (read.viewerRole) json.field("viewerRole", roleName(*read.viewerRole));
    if (!words.empty()) json.rawField("words", words);
    json.endObject();
    return text;
}

// What makes two requests the same question of the same asker. Stays in memory.
std::string keyOf(const AuditedRead& read) {
    return std::string(read.what) + '\n' + askerJson(read.asker) + '\n' + filtersJson(read, {}) +
           '\n' + read.words;
}

// Customers, and what reads as one without another pair of eyes.
bool isOwnHistory(const AuditedRead& read) {
    if (read.what == "sql") return false;  // it reads everything, for any asker
    const auto& asker = read.asker;
    const auto* principal = asker.principal.get();
    const auto self = principal && principal->role ? principal->user : asker.user;
    if (!self || (read.viewer && read.viewer != self)) return false;
    if (principal && principal->role) return principal->role == UserRole::customer;
    return asker.role.value_or(UserRole::customer) == UserRole::customer;
}

}  // namespace

void RecordedRead::alsoAs(GatewayState& shared, std::string_view name,
                          const std::string& value) const {
    if (!read_) return;
    AuditedRead step = *read_;
    const auto known =
        std::ranges::find(step.filters, name, [](const auto& one) { return one.first; });
    if (known != step.filters.end()) {
        known->second = value;
    } else {
        step.filters.emplace_back(name, value);
    }
    shared.recordedQuestions.note(keyOf(step), at_);
}

AuditQuestion AuditRecords::questionOf(const AuditedRead& read) {
    std::string words;
    if (!read.words.empty()) {
        Salt salt;
        random_.fill(salt);
        JsonWriter json(words);
        json.beginObject().field("salt", toHex(salt));
        json.field("sha256", toHex(sha_.of({bytesOf(salt), read.words}))).endObject();
    }
    return {std::string(read.what), filtersJson(read, words), askerJson(read.asker)};
}

void AuditRecords::refuse(std::uint64_t http, const Error& error) {
    shared_.meterOf(loop_.index()).refused(error.code);
    loop_.respond(http, httpRefusal(error));
}

void AuditRecords::record(std::uint64_t http, AuditedRead read, OnceRecorded then) {
    if (!shared_.options.auditRecord || isOwnHistory(read)) return then(RecordedRead());
    const auto number = next_++;
    // Told on the thread of the loop that records it.
    const auto told = [this, number](const RecordedQuestions::Recorded& recorded) {
        loop_.post([this, number, recorded] { goOn(number, recorded); });
    };
    const auto now = shared_.clock.monotonic();
    const auto place = shared_.recordedQuestions.ask(keyOf(read), now, told);
    if (!place) return refuse(http, place.error());
    if (place->turn == RecordedQuestions::Turn::step) {
        return then(RecordedRead(std::move(read), place->at));
    }
    waiting_.emplace(number, Waiting{http, std::move(read), std::move(then)});
    if (place->turn == RecordedQuestions::Turn::first) append(number);
}

void AuditRecords::append(std::uint64_t number) {
    const auto& read = waiting_.at(number).read;
    Origin origin;
    origin.principal = read.asker.principal;
    origin.replyTo = ReplyTo(ReplyAddress::ofRecord(loop_.index(), number));
    const auto taken = submit(shared_, {origin, RecordAudit{questionOf(read)}});
    if (taken) return;
    shared_.recordedQuestions.finish(keyOf(read), taken.error());
    goOn(number, taken.error());
}

void AuditRecords::answer(std::uint64_t number, const Result<Reply>& reply) {
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto waiting = waiting_.find(number);
    if (waiting == waiting_.end()) return;
    const auto recorded = reply ? RecordedQuestions::Recorded(shared_.clock.monotonic())
                                : RecordedQuestions::Recorded(reply.error());
    shared_.recordedQuestions.finish(keyOf(waiting->second.read), recorded);
    goOn(number, recorded);
}

void AuditRecords::goOn(std::uint64_t number, const RecordedQuestions::Recorded& recorded) {
    auto waiting = waiting_.extract(number);
    auto& [http, read, then] = waiting.mapped();
    if (!recorded) return refuse(http, recorded.error());
    then(RecordedRead(std::move(read), *recorded));
}

void recordAuditRead(const RestCall& call, RestServices& services, AuditedRead read,
                     OnceRecorded then) {
    services.audits.record(call.http.number, std::move(read), std::move(then));
}

}  // namespace parley

#include "gateway/rest/audit_record.h"

#include "gateway/calls/answer.h"
#include "gateway/history/read_access.h"

#include <parley/core/hex.h>
#include <parley/core/json_writer.h>

#include <algorithm>
#include <memory>

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

bool isCustomer(const std::optional<UserRole>& role) {
    return role.value_or(UserRole::customer) == UserRole::customer;
}

// A customer's token shows its own history and no other.
bool isOwnByToken(const AuditedRead& read) {
    const auto* principal = read.asker.principal.get();
    return read.what != "sql" && principal && principal->role == UserRole::customer &&
           (!read.viewer || *read.viewer == principal->user);
}

// The request says that a customer reads as itself. Nobody has checked it.
bool claimsOwn(const AuditedRead& read) {
    const auto& asker = read.asker;
    if (asker.principal && asker.principal->role) return false;
    return asker.user && isCustomer(asker.role) && isCustomer(read.viewerRole) &&
           read.viewer.value_or(*asker.user) == *asker.user;
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

void AuditRecords::record(std::uint64_t http, AuditedRead read, OwnHistory isOwn,
                          OnceRecorded then) {
    if (!shared_.options.auditRecord || isOwnByToken(read)) return then(RecordedRead());
    const bool perhapsOwn = isOwn && claimsOwn(read);
    Waiting waiting{http, std::move(read), std::move(then)};
    if (perhapsOwn) return unlessOwn(std::move(waiting), std::move(isOwn));
    recordAlways(std::move(waiting));
}

// What cannot be found out is recorded: the answer itself then says why.
void AuditRecords::unlessOwn(Waiting waiting, OwnHistory isOwn) {
    const auto http = waiting.http;
    const auto held = std::make_shared<Waiting>(std::move(waiting));
    auto job = [this, held, isOwn = std::move(isOwn)](ReadContext& context) {
        const ReadSnapshot snapshot(*context.db);
        const auto found = snapshot.begun() ? isOwn(context) : Result<bool>(false);
        if (context.outgrown()) return;
        const bool own = found && *found;
        loop_.post([this, held, own] {
            if (own) return held->then(RecordedRead());
            recordAlways(std::move(*held));
        });
    };
    auto failed = [this, http](const Error& error) {
        loop_.post([this, http, error] { refuse(http, error); });
    };
    if (shared_.engine->read(std::move(job), readOwnerOf(http), failed, ReadSize::small)) return;
    refuse(http, {ErrorCode::busy, "too many reads are waiting; try again"});
}

void AuditRecords::recordAlways(Waiting waiting) {
    const auto number = next_++;
    // Told on the thread of the loop that records it.
    const auto told = [this, number](const RecordedQuestions::Recorded& recorded) {
        loop_.post([this, number, recorded] { goOn(number, recorded); });
    };
    const auto now = shared_.clock.monotonic();
    const auto place = shared_.recordedQuestions.ask(keyOf(waiting.read), now, told);
    if (!place) return refuse(waiting.http, place.error());
    if (place->turn == RecordedQuestions::Turn::step) {
        return waiting.then(RecordedRead(std::move(waiting.read), place->at));
    }
    waiting_.emplace(number, std::move(waiting));
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
                     OwnHistory isOwn, OnceRecorded then) {
    services.audits.record(call.http.number, std::move(read), std::move(isOwn), std::move(then));
}

}  // namespace parley

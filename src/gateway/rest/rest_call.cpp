#include "gateway/rest/rest_call.h"

#include "gateway/calls/answer.h"
#include "gateway/history/read_access.h"
#include "gateway/limits/counted_user.h"

#include <parley/core/check.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>

#include <optional>
#include <utility>

namespace parley {
namespace {

Result<net::HttpResponse> carryOut(GatewayState& shared, const RestRead& read,
                                   ReadContext& context) {
    PARLEY_TRY(admitRead(shared));
    const Position known = shared.engine->head();  // before the snapshot, which holds at least that
    const ReadSnapshot snapshot(*context.db);
    PARLEY_TRY(Result<void>(snapshot.begun()));
    auto response = read(context);
    if (response) tellPosition(*response, known);
    return response;
}

// A service's command counts by a user that is known only now.
Result<void> admitService(const RestCall& call, RestServices& services, const Command& command) {
    auto* limits = services.shared.limits;
    if (!limits || !call.rate || !isService(*call.principal)) return {};
    return limits->admitRest(countedUser(command, *call.principal), *call.rate,
                             services.loop.turnTime());
}

}  // namespace

const std::string& RestCall::parameter(std::string_view name) const {
    const auto segment = segmentOf(pattern, name);
    PARLEY_CHECK(segment && *segment < target.path.size());
    const auto& given = target.path[*segment];
    if (!given.empty() || name != ":id") return given;
    const auto* asked = valueOf(target, "conversationId");
    return asked ? *asked : given;
}

net::HttpResponse jsonResponse(std::string body) {
    net::HttpResponse response;
    response.body = std::move(body);
    return response;
}

void respond(const RestCall& call, RestServices& services, net::HttpResponse response) {
    services.loop.respond(call.http.number, std::move(response));
}

void refuse(const RestCall& call, RestServices& services, const Error& error) {
    services.shared.meterOf(services.loop.index()).refused(error.code);
    respond(call, services, httpRefusal(error));
}

void submitCommand(const RestCall& call, RestServices& services, const CommandParser& parse) {
    if (services.shared.refusing.load(std::memory_order_relaxed)) {
        return refuse(call, services, {ErrorCode::shutting_down, "the server is stopping"});
    }
    if (isReadOnly(call.principal.get())) return refuse(call, services, forbidden());
    auto body = parseJson(call.http.body, {.valuesMax = limits::kJsonValuesMax});
    if (!body) {
        return refuse(call, services, {ErrorCode::invalid_request, "the body is not JSON"});
    }
    auto command = parse(std::move(*body));
    if (!command) return refuse(call, services, command.error());
    if (auto done = services.intake.complete(*command, call.principal.get()); !done) {
        return refuse(call, services, done.error());
    }
    if (auto allowed = admitService(call, services, *command); !allowed) {
        return refuse(call, services, allowed.error());
    }
    Origin origin;
    origin.principal = call.principal;
    origin.replyTo = ReplyTo(ReplyAddress::ofHttp(services.loop.index(), call.http.number));
    auto taken = submit(services.shared, {origin, std::move(command).value()});
    if (!taken) refuse(call, services, taken.error());
}

void respondFrom(GatewayState& shared, net::Loop& loop, std::uint64_t request,
                 Result<net::HttpResponse> response) {
    if (!response) shared.meterOf(loop.index()).refused(response.error().code);
    auto answer = response ? std::move(*response) : httpRefusal(response.error());
    const std::size_t bytes = answer.body.size();
    loop.post([&loop, request,
               answer = std::move(answer)]() mutable { loop.respond(request, std::move(answer)); },
              bytes);
}

void answerByRead(const RestCall& call, RestServices& services, RestRead read, ReadSize size) {
    answerByRead(services.shared, services.loop, call.http.number, std::move(read), size);
}

void answerByRead(GatewayState& shared, net::Loop& loop, std::uint64_t request, RestRead read,
                  ReadSize size) {
    auto job = [&shared, &loop, request, read = std::move(read)](ReadContext& context) {
        auto response = carryOut(shared, read, context);
        if (context.outgrown()) return;
        respondFrom(shared, loop, request, std::move(response));
    };
    auto failed = [&shared, &loop, request](const Error& error) {
        respondFrom(shared, loop, request, error);
    };
    const bool taken =
        shared.engine->read(std::move(job), readOwnerOf(request), std::move(failed), size);
    if (taken) return;
    shared.meterOf(loop.index()).refused(ErrorCode::busy);
    loop.respond(request, httpRefusal({ErrorCode::busy, "too many reads are waiting; try again"}));
}

}  // namespace parley

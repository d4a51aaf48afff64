#include "gateway/calls/fields.h"
#include "gateway/rest/audit_record.h"
#include "gateway/rest/rest_call.h"
#include "gateway/rest/rest_viewer.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>

#include <chrono>
#include <string>
#include <utility>

namespace parley {
namespace {

constexpr std::int64_t kRowsMax = 10'000;

Error cannotAsk() {
    return {ErrorCode::not_found, "this server runs no SQL"};
}

Result<SqlFormat> formatIn(Fields& fields) {
    const auto word = fields.optionalText("format", 0, limits::kIdBytesMax).value_or("json");
    if (word == "json") return SqlFormat::json;
    if (word == "csv") return SqlFormat::csv;
    return Error{ErrorCode::invalid_value, "format must be json or csv"};
}

Result<SqlAsk> readAsk(std::string_view body) {
    const auto json = parseJson(body, {.valuesMax = limits::kJsonValuesMax});
    if (!json || !json->is_object()) {
        return Error{ErrorCode::invalid_request, "the body must be one JSON object"};
    }
    Fields fields(*json);
    SqlAsk ask;
    ask.sql = fields.text("sql", 1, kSqlTextBytesMax);
    ask.rowsMax = fields.optionalInt("limit", 1, kRowsMax).value_or(kRowsMax);
    PARLEY_TRY_ASSIGN(ask.format, formatIn(fields));
    if (fields.error()) return *fields.error();
    return ask;
}

// Whose statement it is: one of each runs at a time.
std::string askerOf(const NamedViewer& asker) {
    if (const auto* principal = asker.principal.get()) {
        return std::string(principalKindName(principal->kind)) + '\n' + principal->user.str();
    }
    return asker.user ? asker.user->str() : std::string();
}

AuditedRead auditedRead(const SqlAsk& ask, const NamedViewer& asker) {
    AuditedRead read{.what = "sql",
                     .asker = asker,
                     .viewer = {},
                     .viewerRole = {},
                     .filters = {},
                     .words = ask.sql};
    read.filters.emplace_back("format", ask.format == SqlFormat::csv ? "csv" : "json");
    return read;
}

net::HttpResponse responseOf(SqlRows rows, SqlFormat format, std::chrono::milliseconds took) {
    if (format == SqlFormat::csv) {
        net::HttpResponse response;
        response.contentType = "text/csv; charset=utf-8; header=present";
        response.body = std::move(rows.text);
        if (rows.truncated) response.headers.emplace_back("Parley-Truncated", "true");
        return response;
    }
    std::string out;
    out.reserve(rows.text.size() + rows.notes.size() + 96);
    JsonWriter json(out);
    json.beginObject().rawField("rows", rows.text).field("truncated", rows.truncated);
    json.field("tookMs", static_cast<std::int64_t>(took.count()));
    if (!rows.notes.empty()) json.field("notes", std::string_view(rows.notes));
    json.endObject();
    return jsonResponse(std::move(out));
}

void runNow(GatewayState& shared, net::Loop& loop, std::uint64_t request,
            const SqlDesk::PlacePtr& place, const SqlAsk& ask) {
    const auto begun = shared.clock.monotonic();
    shared.sqlDesk->run(
        place, ask, [&shared, &loop, request, begun, format = ask.format](Result<SqlRows> rows) {
            const auto took = shared.clock.monotonic() - begun;
            if (!rows) return respondFrom(shared, loop, request, rows.error());
            respondFrom(shared, loop, request, responseOf(std::move(*rows), format, took));
        });
}

}  // namespace

// The place is taken before the question is recorded, so that what is refused for want of one is
// not.
void askSql(const RestCall& call, RestServices& services) {
    auto& shared = services.shared;
    if (!shared.sqlDesk || shared.options.sql.program.empty()) {
        return refuse(call, services, cannotAsk());
    }
    auto ask = readAsk(call.http.body);
    if (!ask) return refuse(call, services, ask.error());
    const auto asker = readViewer(call, services);
    if (!asker) return refuse(call, services, asker.error());
    auto place = shared.sqlDesk->take(call.http.number, askerOf(*asker));
    if (!place) return refuse(call, services, place.error());
    auto read = auditedRead(*ask, *asker);
    recordAuditRead(call, services, std::move(read), /*isOwn=*/{},
                    [&shared, &loop = services.loop, request = call.http.number,
                     place = std::move(*place), ask = std::move(*ask)](const RecordedRead&) {
                        runNow(shared, loop, request, place, ask);
                    });
}

void listQuestions(const RestCall& call, RestServices& services) {
    const auto& questions = services.shared.options.sql.questions;
    if (questions.empty()) return refuse(call, services, cannotAsk());
    respond(call, services, jsonResponse(questions));
}

}  // namespace parley

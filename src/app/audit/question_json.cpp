#include "app/audit/question_json.h"

#include "app/audit/question.h"
#include "app/view_lines.h"

#include <parley/audit/schema.h>
#include <parley/core/json_writer.h>
#include <parley/log/schema.h>

#include <string_view>
#include <vector>

namespace parley::app {
namespace {

using audit::Question;

// The parameters that a question's SQL names beyond its options: ranges, which options decide.
void appendParameters(JsonWriter& json, const std::string& sql) {
    json.key("parameters").beginArray();
    std::string seen = " ";
    for (std::size_t at = sql.find(':'); at != std::string::npos; at = sql.find(':', at + 1)) {
        std::size_t end = at + 1;
        while (end < sql.size() &&
               (std::islower(static_cast<unsigned char>(sql[end])) != 0 || sql[end] == '_')) {
            ++end;
        }
        const auto name = sql.substr(at + 1, end - at - 1);
        if (name.empty() || seen.find(' ' + name + ' ') != std::string::npos) continue;
        seen += name + ' ';
        json.value(std::string_view(name));
    }
    json.endArray();
}

void appendQuestion(JsonWriter& json, const Question& question) {
    json.beginObject().field("name", std::string_view(question.name));
    json.field("title", std::string_view(question.title));
    json.field("text", std::string_view(question.text));
    json.key("options").beginArray();
    for (const auto& option : question.options) {
        json.beginObject().field("name", std::string_view(option.name));
        json.field("required", option.required);
        if (!option.otherwise.empty()) {
            json.field("default", std::string_view(option.otherwise));
        }
        json.endObject();
    }
    json.endArray().key("columns").beginArray();
    for (const auto& column : question.columns) {
        json.beginObject().field("name", std::string_view(column.name));
        json.field("meaning", std::string_view(column.meaning)).endObject();
    }
    json.endArray().field("needsAudit", question.needsAudit);
    // Without options; what begins with a list of hours is made by the command alone.
    const bool isSql = !question.sql.empty() && !question.byHours;
    if (isSql) {
        const auto sql = question.sqlFor([](const std::string&) { return false; });
        json.field("sql", std::string_view(sql));
        appendParameters(json, sql);
    }
    json.endObject();
}

// Its sentences and its columns; examples are for the reference.
void appendView(JsonWriter& json, const SqlFile& view, std::string_view file) {
    std::string text;
    std::vector<ViewLine> columns;
    for (const auto& line : viewLines(view)) {
        if (line.is == ViewLine::Is::column) columns.push_back(line);
        if (line.is == ViewLine::Is::text)
            text += (text.empty() ? "" : " ") + std::string(line.words);
    }
    json.beginObject().field("name", std::string_view(view.name)).field("file", file);
    json.field("text", std::string_view(text)).key("columns").beginArray();
    for (const auto& column : columns) {
        json.beginObject().field("name", column.words).field("meaning", column.meaning);
        json.endObject();
    }
    json.endArray().endObject();
}

}  // namespace

std::string questionsJson() {
    std::string out;
    JsonWriter json(out);
    json.beginObject().key("questions").beginArray();
    for (const auto& question : audit::questionTable()) appendQuestion(json, question);
    json.endArray().key("views").beginArray();
    for (const auto& view : views()) appendView(json, view, "parley.db");
    for (const auto& view : parley::audit::schema().views) appendView(json, view, "audit.db");
    json.endArray().endObject();
    return out;
}

}  // namespace parley::app

#include <parley/core/json_writer.h>
#include <parley/core/log_json.h>
#include <parley/core/logging.h>

#include <spdlog/formatter.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace parley {
namespace {

std::size_t nameLength(std::string_view text) {
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    return end == std::string_view::npos ? text.size() : end;
}

// Where words in quotes end: at the first quote that the end of the line or a further field
// follows. Quotes within the words end nothing. Without such a one, at the first before a blank.
std::size_t endOfWords(std::string_view text) {
    std::size_t beforeBlank = std::string_view::npos;
    for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
        const auto behind = text.substr(at + 1);
        if (behind.empty()) return at;
        if (behind.front() != ' ') continue;
        const auto name = nameLength(behind.substr(1));
        if (name > 0 && name + 1 < behind.size() && behind[name + 1] == '=') return at;
        beforeBlank = std::min(beforeBlank, at);
    }
    return beforeBlank;
}

/// Takes `key=value` or `key="value"`, and the blank behind it, from the beginning of `rest`.
bool takeField(std::string_view& rest, std::string_view& key, std::string_view& value) {
    const auto length = nameLength(rest);
    if (length == 0 || length == rest.size() || rest[length] != '=') return false;
    key = rest.substr(0, length);
    auto behind = rest.substr(length + 1);
    std::size_t end = 0;
    if (behind.starts_with('"')) {
        behind.remove_prefix(1);
        end = endOfWords(behind);
        if (end == std::string_view::npos) return false;
        value = behind.substr(0, end);
        ++end;
    } else {
        end = std::min(behind.find(' '), behind.size());
        value = behind.substr(0, end);
    }
    rest = behind.substr(std::min(end + 1, behind.size()));
    return true;
}

class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& dest) override {
        using namespace std::chrono;
        const auto at = duration_cast<milliseconds>(message.time.time_since_epoch()).count();
        const auto level = spdlog::level::to_string_view(message.level);
        std::string line;
        JsonWriter(line)
            .beginObject()
            .field("time", UnixMillis{at})
            .field("level", std::string_view(level.data(), level.size()));
        line += ',';
        line += logFieldsJson({message.payload.data(), message.payload.size()});
        line += "}\n";
        dest.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }
};

}  // namespace

std::string escapedLogLine(std::string_view line) {
    std::string out(line.substr(0, nameLength(line)));
    auto rest = line.substr(nameLength(line));
    std::string_view key;
    std::string_view value;
    while (rest.starts_with(' ')) {
        auto behind = rest.substr(1);
        if (!takeField(behind, key, value)) break;
        const auto at = static_cast<std::size_t>(key.data() - line.data()) + key.size();
        out.append(" ").append(key).append("=");
        if (line.substr(at).starts_with("=\"")) {
            out += '"';
            for (const char c : value) {
                if (c == '"' || c == '\\') out += '\\';
                out += c;
            }
            out += '"';
            rest = line.substr(static_cast<std::size_t>(value.data() - line.data()) + value.size() +
                               1);
        } else {
            out += value;
            rest = line.substr(at + 1 + value.size());
        }
    }
    return out.append(rest);
}

std::string logFieldsJson(std::string_view line) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("event", line.substr(0, nameLength(line)));
    auto rest = line.substr(nameLength(line));
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    json.key("fields").beginObject();
    std::string_view key;
    std::string_view value;
    while (takeField(rest, key, value)) json.field(key, value);
    json.endObject();
    if (!rest.empty()) json.field("text", rest);
    json.endObject();
    return out.substr(1, out.size() - 2);
}

void logAsJson() {
    logger().set_formatter(std::make_unique<JsonFormatter>());
}

}  // namespace parley

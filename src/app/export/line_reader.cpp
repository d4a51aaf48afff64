#include "app/export/line_reader.h"

#include "app/export/lines.h"

#include <parley/core/flat_json.h>
#include <parley/core/hex.h>
#include <parley/core/time_text.h>
#include <parley/core/try.h>
#include <parley/core/utf8.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/upcast.h>

#include <charconv>
#include <optional>
#include <string>

namespace parley::app::exports {
namespace {

Error refused(const std::string& why) {
    return {ErrorCode::storage_damaged, why};
}

Error wrongField(std::string_view name) {
    return refused("its field \"" + std::string(name) + "\" is missing or cannot be read");
}

/// The fields of a line, one after another.
class FieldReader {
public:
    explicit FieldReader(std::string_view line) : rest_(line) {}

    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    /// Takes the name of the next field, where it has this one.
    bool takeName(std::string_view name) {
        const std::size_t size = name.size() + 4;
        if (rest_.size() < size || rest_[0] != ',' || rest_[1] != '"' ||
            rest_.substr(2, name.size()) != name || rest_.substr(size - 2, 2) != "\":") {
            return false;
        }
        rest_.remove_prefix(size);
        return true;
    }
    std::optional<std::int64_t> integer() {
        std::int64_t value = 0;
        const auto [end, failed] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (failed != std::errc{}) return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }
    std::optional<std::string> string() {
        if (!rest_.starts_with('"')) return std::nullopt;
        const std::size_t end = endOfString(0);
        if (end == std::string_view::npos) return std::nullopt;
        const auto inside = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        if (inside.find('\\') == std::string_view::npos) return std::string(inside);
        return unescapeJson(inside);
    }
    /// A JSON object, as it stands there.
    std::optional<std::string> object() {
        int depth = 0;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '"') i = endOfString(i);
            if (i >= rest_.size()) break;
            if (rest_[i] == '{') ++depth;
            if (rest_[i] == '}' && --depth == 0) {
                std::string found(rest_.substr(0, i + 1));
                rest_.remove_prefix(i + 1);
                return found;
            }
            if (depth == 0) break;
        }
        return std::nullopt;
    }
    template <std::size_t N>
    std::optional<std::array<std::uint8_t, N>> bytes() {
        std::array<std::uint8_t, N> out;
        if (rest_.size() < 2 * N + 2 || rest_[0] != '"' || rest_[2 * N + 1] != '"' ||
            !parseHex(rest_.substr(1, 2 * N), out)) {
            return std::nullopt;
        }
        rest_.remove_prefix(2 * N + 2);
        return out;
    }
    bool atEnd() const { return rest_.empty(); }

private:
    // Of the string that begins at `from`: where its second quote is.
    std::size_t endOfString(std::size_t from) const {
        for (std::size_t i = from + 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') return i;
            if (rest_[i] == '\\') ++i;
        }
        return std::string_view::npos;
    }

    std::string_view rest_;
};

// The parts of an event, in the order of a line. Each gives the name of the field that is wrong;
// empty: none.

// The system's own ids are of a form that no client's can have.
template <typename Id>
std::optional<Id> idOf(std::optional<std::string> text, std::string_view systemId) {
    if (!text) return std::nullopt;
    if (!systemId.empty() && *text == systemId) return Id::fromStored(std::move(*text));
    auto id = Id::parse(*text, "id");
    return id ? std::optional(std::move(*id)) : std::nullopt;
}

std::optional<EventType> typeNamed(const std::optional<std::string>& name) {
    if (!name) return std::nullopt;
    for (const auto& row : kEventTypes) {
        if (row.name == *name) return row.type;
    }
    return std::nullopt;
}

std::string_view readIdentity(FieldReader& line, Event& event) {
    const auto position = line.take("{\"position\":") ? line.integer() : std::nullopt;
    if (!position) return "position";
    event.position = {*position};
    auto conversation = line.takeName("conversationId")
                            ? idOf<ConversationId>(line.string(), system_id::kConversation)
                            : std::nullopt;
    if (!conversation) return "conversationId";
    event.conversation = std::move(*conversation);
    const auto seq = line.takeName("seq") ? line.integer() : std::nullopt;
    if (!seq) return "seq";
    event.seq = {*seq};
    const auto type = line.takeName("type") ? typeNamed(line.string()) : std::nullopt;
    if (!type) return "type";
    event.type = *type;
    const auto version = line.takeName("version") ? line.integer() : std::nullopt;
    if (!version || *version < 1 || *version > currentVersion(*type)) return "version";
    event.version = static_cast<std::uint32_t>(*version);
    const auto at = line.takeName("at") ? line.string() : std::nullopt;
    static const TimeZone utc = TimeZone::utc();
    const auto time = at ? parseTime(*at, utc, {}) : Result<UnixMillis>(Error{});
    if (!time) return "at";
    event.at = *time;
    auto actor =
        line.takeName("actor") ? idOf<UserId>(line.string(), system_id::kActor) : std::nullopt;
    if (!actor) return "actor";
    event.actor = std::move(*actor);
    const auto id = line.takeName("id") ? line.string() : std::nullopt;
    const auto uuid = id ? Uuid::parse(*id) : std::nullopt;
    if (!uuid) return "id";
    event.id = *uuid;
    return {};
}

std::string_view readColumns(FieldReader& line, StoredEvent& stored) {
    Event& event = stored.event;
    if (line.takeName("role")) {
        event.role = parseRole(line.string().value_or(""));
        if (!event.role) return "role";
    }
    if (line.takeName("messageType")) {
        event.messageType = parseMessageType(line.string().value_or(""));
        if (!event.messageType) return "messageType";
    }
    if (line.takeName("toRole")) {
        event.toRole = parseRole(line.string().value_or(""));
        if (!event.toRole) return "toRole";
    }
    if (line.takeName("isVisible")) {
        event.visible = line.take("true");
        if (!*event.visible && !line.take("false")) return "isVisible";
    }
    if (line.takeName("clientMessageId")) {
        event.clientMessageId = idOf<ClientMessageId>(line.string(), {});
        if (!event.clientMessageId) return "clientMessageId";
    }
    if (line.takeName("originalMessageId")) {
        event.original = Uuid::parse(line.string().value_or(""));
        if (!event.original) return "originalMessageId";
    }
    if (line.takeName("cause")) {
        event.cause = line.string().value_or("");
        if (event.cause.empty()) return "cause";
    }
    if (line.takeName("key")) {
        stored.key = line.integer();
        if (!stored.key) return "key";
    }
    return {};
}

std::string_view readPayload(FieldReader& line, StoredEvent& stored) {
    Event& event = stored.event;
    event.data.clear();
    if (line.takeName("data")) {
        auto data = line.object();
        if (!data) return "data";
        event.data = std::move(*data);
    } else if (line.takeName("dataText")) {
        auto data = line.string();
        if (!data) return "dataText";
        event.data = std::move(*data);
    }
    if (line.takeName("content")) {
        event.content = line.string();
        if (!event.content) return "content";
    }
    if (line.takeName("salt")) {
        stored.salt = line.bytes<16>();
        if (!stored.salt) return "salt";
    }
    if (line.takeName("commitment")) {
        stored.commitment = line.bytes<32>();
        if (!stored.commitment) return "commitment";
    }
    const auto hash = line.takeName("hash") ? line.bytes<32>() : std::nullopt;
    if (!hash || !line.take("}") || !line.atEnd()) return "hash";
    stored.hash = *hash;
    return {};
}

}  // namespace

Result<StoredEvent> readEvent(std::string_view line) {
    if (!isUtf8(line)) return refused("it is not UTF-8");
    StoredEvent stored;
    FieldReader fields(line);
    auto wrong = readIdentity(fields, stored.event);
    if (wrong.empty()) wrong = readColumns(fields, stored);
    if (wrong.empty()) wrong = readPayload(fields, stored);
    if (!wrong.empty()) return wrongField(wrong);
    std::string again;
    again.reserve(line.size() + 1);
    append(again, stored);
    again.pop_back();
    if (again != line) return refused("it is not written as `parley export` writes it");
    return stored;
}

}  // namespace parley::app::exports

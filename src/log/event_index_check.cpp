#include <parley/core/random.h>
#include <parley/core/try.h>
#include <parley/log/event_index_check.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/statement_reset.h>

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>

namespace parley {
namespace {

constexpr std::int64_t kEntriesAtOnce = 32'768;

/// What an index has of a row. Numbers that an index does not have are 0.
struct IndexEntry {
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::string_view bytes;        // of a BLOB or TEXT
    int bytesType = SQLite::Null;  // a BLOB comes after the same TEXT
    std::int64_t position = 0;

    auto order() const { return std::tuple(first, second, bytes); }
};

/// An index, and how to read its entries behind one (?1, ?2, ?3), in its own order, as the columns
/// of an IndexEntry.
struct EventIndex {
    const char* name;
    const char* entries;
};

constexpr std::array<EventIndex, EventIndexCheck::kIndexes> kEventIndexes{{
    {"event_conversation_seq",
     "SELECT conversation, seq, NULL, position FROM event INDEXED BY event_conversation_seq"
     " WHERE (conversation, seq) > (?1, ?2) ORDER BY conversation, seq LIMIT ?4"},
    {"event_id",
     "SELECT NULL, NULL, id, position FROM event INDEXED BY event_id"
     " WHERE id > CAST(?3 AS BLOB) ORDER BY id LIMIT ?4"},
    {"event_client_message_id",
     "SELECT conversation, actor, client_message_id, position"
     " FROM event INDEXED BY event_client_message_id WHERE client_message_id IS NOT NULL"
     " AND (conversation, actor, client_message_id) > (?1, ?2, ?3)"
     " ORDER BY conversation, actor, client_message_id LIMIT ?4"},
}};

__extension__ using Product = unsigned __int128;

std::uint64_t mixed(std::uint64_t state, std::uint64_t word, std::uint64_t key) {
    const Product product = Product{state ^ word} * (key | 1);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hashOf(const IndexEntry& entry, const std::array<std::uint64_t, 2>& key) {
    const auto mix = [&](std::uint64_t state, auto word) {
        return mixed(state, static_cast<std::uint64_t>(word), key[1]);
    };
    auto state = mix(mix(mix(key[0], entry.position), entry.first), entry.second);
    state = mix(state, entry.bytes.size() * 8 + static_cast<std::size_t>(entry.bytesType));
    for (std::size_t at = 0; at < entry.bytes.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        const auto left = entry.bytes.size() - at;
        std::memcpy(&word, entry.bytes.data() + at, std::min(sizeof word, left));
        state = mix(state, word);
    }
    return state;
}

std::string_view viewOf(const Uuid& id) {
    return {reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size()};
}

/// Reads one index, a part at a time.
class IndexRead {
public:
    IndexRead(Database& db, const EventIndex& index) : entries_(db.sqlite(), index.entries) {}

    /// Adds the next entries, of positions up to `last`, to `sum`. False: there are no more, or
    /// they do not ascend.
    bool next(const std::array<std::uint64_t, 2>& key, Position last, std::uint64_t& sum) {
        const StatementReset guard(entries_);
        entries_.bind(1, first_);
        entries_.bind(2, second_);
        entries_.bind(3, bytes_);
        entries_.bind(4, kEntriesAtOnce);
        if (!entries_.executeStep()) return false;
        const auto row = entries_.getColumns<std::array<SQLite::Column, 4>, 4>();
        std::int64_t read = 0;
        do {
            const auto entry = entryIn(row);
            ascends_ = entry.order() > std::tuple(first_, second_, std::string_view(bytes_));
            if (!ascends_) return false;
            if (entry.position <= last.value) sum += hashOf(entry, key);
            first_ = entry.first;
            second_ = entry.second;
            bytes_.assign(entry.bytes);
            ++read;
        } while (entries_.executeStep());
        return read == kEntriesAtOnce;
    }
    bool ascends() const { return ascends_; }

private:
    static IndexEntry entryIn(const std::array<SQLite::Column, 4>& row) {
        IndexEntry entry{
            row[0].getInt64(), row[1].getInt64(), {}, row[2].getType(), row[3].getInt64()};
        if (entry.bytesType == SQLite::Null) return entry;
        const auto* const bytes = static_cast<const char*>(row[2].getBlob());
        entry.bytes = {bytes, static_cast<std::size_t>(row[2].getBytes())};
        return entry;
    }

    SQLite::Statement entries_;
    std::int64_t first_ = 0;  // of the last entry, likewise:
    std::int64_t second_ = 0;
    std::string bytes_;
    bool ascends_ = true;
};

}  // namespace

EventIndexCheck::EventIndexCheck() {
    SystemRandom().fill({reinterpret_cast<std::uint8_t*>(key_.data()), sizeof key_});
}

void EventIndexCheck::take(std::span<const StoredEvent> rows) {
    for (const auto& [event, key, salt, commitment, hash] : rows) {
        const auto conversation = event.conversationKey.value;
        const auto position = event.position.value;
        sums_[0] += hashOf({conversation, event.seq.value, {}, SQLite::Null, position}, key_);
        sums_[1] += hashOf({0, 0, viewOf(event.id), SQLite::BLOB, position}, key_);
        last_ = event.position;
        if (!event.clientMessageId) continue;
        sums_[2] += hashOf({conversation, event.actorKey.value, event.clientMessageId->str(),
                            SQLite::TEXT, position},
                           key_);
    }
}

Result<std::optional<std::string>> EventIndexCheck::finish(Database& db) const {
    for (std::size_t i = 0; i < kEventIndexes.size(); ++i) {
        const auto& index = kEventIndexes[i];
        std::optional<IndexRead> read;
        std::uint64_t found = 0;
        for (bool more = true; more;) {
            PARLEY_TRY_ASSIGN(more, db.query([&] {
                if (!read) read.emplace(db, index);
                return read->next(key_, last_, found);
            }));
            pauseBetweenReads();
        }
        const auto name = "index " + std::string(index.name);
        if (!read->ascends()) return std::optional(name + " is not in order");
        if (found != sums_[i]) return std::optional(name + " does not say what the table says");
    }
    return std::optional<std::string>();
}

}  // namespace parley

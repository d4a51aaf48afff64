#include <parley/log/statement_reset.h>
#include <parley/projection/overlay_reader.h>

#include <array>
#include <cstring>

namespace parley {

OverlayReader::OverlayReader(Database& db)
    : db_(db),
      share_(db.sqlite(),
             "SELECT e.id FROM message_overlay AS o JOIN event AS e ON e.position ="
             " o.shared_position WHERE o.position = ?") {}

Result<std::optional<Uuid>> OverlayReader::firstShareOf(Position original) {
    return db_.query([&]() -> std::optional<Uuid> {
        const StatementReset guard(share_);
        share_.bind(1, original.value);
        if (!share_.executeStep()) return std::nullopt;
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), share_.getColumn(0).getBlob(), bytes.size());
        return Uuid(bytes);
    });
}

}  // namespace parley

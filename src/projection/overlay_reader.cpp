#include <parley/log/execute.h>
#include <parley/projection/overlay_reader.h>

namespace parley {

OverlayReader::OverlayReader(Database& db)
    : db_(db),
      share_(db.sqlite(), "SELECT shared_position FROM message_overlay WHERE position = ?") {}

Result<std::optional<Position>> OverlayReader::firstShareOf(Position original) {
    return db_.query([&] {
        const auto position = numberFrom(share_, original.value);
        return position ? std::optional(Position{*position}) : std::nullopt;
    });
}

}  // namespace parley

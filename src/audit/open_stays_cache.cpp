#include "audit/open_stays_cache.h"

#include <parley/log/execute.h>

namespace parley::audit {
namespace {

constexpr std::size_t kConversationsMax = 16'384;  // and those of one chunk more

}  // namespace

OpenStaysCache::OpenStaysCache(SQLite::Database& db)
    : stays_(db,
             "SELECT user, role, joined_position FROM stay"
             " WHERE conversation = ?1 AND left_position IS NULL") {}

void OpenStaysCache::beginChunk(ConversationKey known) {
    known_ = known;
    if (cached_.size() > kConversationsMax) cached_.clear();
}

OpenStays& OpenStaysCache::of(ConversationKey conversation) {
    const auto found = cached_.find(conversation);
    if (found != cached_.end()) return found->second;
    OpenStays stays = conversation > known_ ? OpenStays() : read(conversation);
    return cached_.emplace(conversation, std::move(stays)).first->second;
}

OpenStays OpenStaysCache::read(ConversationKey conversation) {
    const StatementReset guard(stays_);
    bindNumbers(stays_, conversation.value);
    OpenStays stays;
    while (stays_.executeStep()) {
        stays.add({{stays_.getColumn(0).getInt64()},
                   static_cast<UserRole>(stays_.getColumn(1).getInt()),
                   {stays_.getColumn(2).getInt64()}});
    }
    return stays;
}

}  // namespace parley::audit

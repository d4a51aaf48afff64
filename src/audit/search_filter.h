#pragma once

#include <parley/domain/event.h>
#include <parley/domain/visibility.h>

#include <string>

/// The words of the column `filter` of the search index, so that SQLite joins lists of positions
/// instead of looking at each message.
namespace parley::audit {

inline std::string conversationWord(ConversationKey conversation) {
    return 'c' + std::to_string(conversation.value);
}
inline std::string authorWord(UserKey author) {
    return 'a' + std::to_string(author.value);
}
/// Of messages that every customer may see.
inline constexpr const char* kVisibleWord = "v";

/// What a message is fed with.
inline std::string filterOf(const FoldableEvent& message) {
    std::string words = conversationWord(message.conversationKey);
    words += ' ';
    words += authorWord(message.actorKey);
    if (visibleToEveryCustomer(message)) (words += ' ') += kVisibleWord;
    return words;
}

}  // namespace parley::audit

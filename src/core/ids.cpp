#include <parley/core/ids.h>
#include <parley/core/limits.h>
#include <parley/core/utf8.h>

namespace parley {

template <typename Tag>
Result<TextId<Tag>> TextId<Tag>::parse(std::string_view text, std::string_view field) {
    const auto refuse = [&](const std::string& why) {
        return Error{ErrorCode::invalid_id, std::string(field) + " " + why};
    };
    if (text.empty()) return refuse("is empty");
    if (text.size() > limits::kIdBytesMax) {
        return refuse("has " + std::to_string(text.size()) + " bytes, at most " +
                      std::to_string(limits::kIdBytesMax) + " are allowed");
    }
    if (!isUtf8(text)) return refuse("is not UTF-8");
    if (hasControlCharacter(text))
        return refuse("has a control character or is not well-formed Unicode");
    return TextId(std::string(text));
}

template class TextId<ConversationTag>;
template class TextId<UserTag>;
template class TextId<ClientMessageTag>;

}  // namespace parley

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::auth {

/// Decodes base64url (RFC 4648, section 5). Nothing unless `text` is the one canonical spelling of
/// its bytes: no padding, no white space, no bits set behind the last byte. Any thread.
std::optional<std::string> decodeBase64Url(std::string_view text);

}  // namespace parley::auth

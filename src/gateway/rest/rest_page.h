#pragma once

#include "gateway/rest/rest_target.h"

#include <parley/log/read/message_page.h>
#include <parley/net/server.h>

#include <string>
#include <string_view>

/// How REST says that a list goes on. Any thread.
namespace parley {

/// How the page after a page is asked for: the parameter that says where it begins.
struct NextPage {
    std::string_view parameter;
    std::string value;
};

/// The answer that is a page of a list: `Parley-Truncated: true` where it was cut for its size,
/// and `Link: <...>; rel="next"` unless nothing follows it. The next page is `asked` for like this
/// one, but for `next`, and without an `offset`: what it skipped lies behind.
net::HttpResponse pageResponse(std::string body, PageEnd end, const RestTarget& asked,
                               const NextPage& next);

}  // namespace parley

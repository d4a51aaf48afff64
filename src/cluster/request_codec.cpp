#include "cluster/request_fields.h"

#include <parley/cluster/request_message.h>

namespace parley {
namespace {

using value_codec::FieldReader;
using value_codec::FieldWriter;

constexpr std::uint8_t kFormat = 1;

template <typename Codec, Like<RequestMessage> T>
void headOf(Codec& codec, T& message) {
    codec(message.epoch);
    codec(message.node);
    codec(message.run);
    codec(message.base);
    codec(message.first);
}

}  // namespace

std::string encode(const Request& request) {
    ByteWriter out;
    FieldWriter codec(out);
    codec(request);
    return out.take();
}

std::string encode(const RequestMessage& head, std::size_t count, std::string_view requests) {
    ByteWriter out;
    FieldWriter codec(out);
    out.byte(kFormat);
    headOf(codec, head);
    out.number(count);
    auto bytes = out.take();
    bytes += requests;
    return bytes;
}

Result<RequestMessage> decodeRequests(std::string_view bytes) {
    ByteReader in(bytes);
    FieldReader codec(in);
    RequestMessage message;
    if (in.byte() != kFormat) in.fail();
    headOf(codec, message);
    codec(message.requests);
    if (in.isComplete()) return message;
    return Error{ErrorCode::invalid_value, "these bytes are no requests of a node"};
}

}  // namespace parley

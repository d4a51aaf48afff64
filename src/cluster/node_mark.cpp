#include "cluster/value_codec.h"

#include <parley/cluster/batch_message.h>
#include <parley/cluster/node_mark.h>

namespace parley {
namespace {

using value_codec::Like;

constexpr std::uint8_t kFormat = 1;

template <typename Codec>
void smallNumber(Codec& codec, auto& number) {
    std::uint64_t value = number;
    codec(value);
    if constexpr (Codec::kReads) number = static_cast<std::uint16_t>(value);
}

template <typename Codec, Like<NodeMark> T>
void fieldsOfMark(Codec& codec, T& mark) {
    smallNumber(codec, mark.number);
    smallNumber(codec, mark.run);
    codec(mark.name);
    codec(mark.voters);
    codec(mark.tokens);
    codec(mark.applied.incarnation);
    codec(mark.applied.epoch);
    codec(mark.applied.sequence);
    codec(mark.position);
    codec(mark.fingerprint.bytes);
    codec(mark.elected);
    codec(mark.leads);
    codec(mark.hearsLeader);
    codec(mark.mayLead);
}

}  // namespace

std::string encode(const NodeMark& mark) {
    ByteWriter out;
    value_codec::FieldWriter codec(out);
    out.byte(kFormat);
    fieldsOfMark(codec, mark);
    return out.take();
}

Result<NodeMark> decodeMark(std::string_view bytes) {
    ByteReader in(bytes);
    value_codec::FieldReader codec(in);
    NodeMark mark;
    if (in.byte() != kFormat) in.fail();
    fieldsOfMark(codec, mark);
    if (in.isComplete() && !mark.name.empty() && mark.name.size() <= kNodeBytesMax) return mark;
    return Error{ErrorCode::invalid_value, "these bytes are no mark of a node"};
}

}  // namespace parley

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace parley {

/// Of a word of a subject.
inline constexpr std::size_t kSubjectWordBytesMax = 64;
/// Whether it can be a word of a subject, as names of clusters and nodes must: 1 to
/// kSubjectWordBytesMax of A-Z a-z 0-9 _ -
inline bool isSubjectWord(std::string_view text) {
    return !text.empty() && text.size() <= kSubjectWordBytesMax &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               std::string_view::npos;
}

/// Small messages between the nodes of a cluster, by subjects: words with dots between them, as
/// `parley.shop.lead`. A message may be lost, doubled or late, and several of one sender may change
/// their order: receivers must be able to tell by what it says. Any thread.
class MessageBus {
public:
    virtual ~MessageBus() = default;

    /// To all others that listen to the subject now. Dropped where there is no connection. Does not
    /// wait for an answer. REQUIRES: the subject has no wildcard, and bytes are at most a mebibyte.
    virtual void send(std::string_view subject, std::string_view bytes) = 0;

    /// Takes a message. Called on a thread of the bus, one call at a time; it may call the bus,
    /// must not throw, and delays other messages while it runs. The views end with the call.
    using Sink = std::function<void(std::string_view subject, std::string_view bytes)>;
    /// From soon on, and whenever there is a connection, `sink` gets each message of this subject;
    /// for ever. The last word of the subject may be `*`, any word, or `>`, all words from there
    /// on. What the sink refers to outlives the bus.
    virtual void listen(const std::string& subject, Sink sink) = 0;

    /// Whether what is sent has a chance to arrive.
    virtual bool connected() const = 0;
};

}  // namespace parley

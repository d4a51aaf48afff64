#pragma once

#include "net/http_head.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parley::net {

/// A request's body in chunks (RFC 9112, 7.1), read as it arrives. Pure.
///
/// Strict, because a proxy in front and this server must agree where a request ends: sizes are
/// hexadecimal digits alone, every line ends with CRLF, nothing else stands between chunks.
/// Extensions and trailer fields are checked, and thrown away.
class ChunkedBody {
public:
    /// `framingBytesMax`: of extensions and trailer fields together.
    ChunkedBody(std::size_t bodyBytesMax, std::size_t framingBytesMax)
        : bodyBytesMax_(bodyBytesMax), framingBytesMax_(framingBytesMax) {}

    /// Takes the bytes that belong to the body off the front of what arrived next; returns how
    /// many. The rest belongs to the next request. REQUIRES: no call returned an error before.
    std::variant<std::size_t, HttpError> feed(std::string_view bytes);
    /// Whether the body is whole.
    bool done() const { return state_ == State::done; }
    /// The part of the body that has arrived, without the framing. Lives until the next `feed`.
    std::string_view body() const { return body_; }

private:
    enum class State : std::uint8_t {
        size,
        blank,  // between a size and its extensions
        extension,
        sizeLf,
        data,
        dataCr,
        dataLf,
        trailer,
        trailerLf,
        done,
    };

    std::optional<HttpError> step(char c);
    std::optional<HttpError> readSize(char c);
    std::optional<HttpError> readExtension(char c);
    std::optional<HttpError> readTrailer(char c);
    std::optional<HttpError> endTrailerLine();
    std::optional<HttpError> countFraming();

    std::size_t bodyBytesMax_;
    std::size_t framingBytesMax_;
    std::size_t framingBytes_ = 0;
    std::size_t left_ = 0;  // of the chunk whose size was read
    int sizeDigits_ = 0;
    State state_ = State::size;
    std::string body_;
    std::string line_;  // of the trailer
};

}  // namespace parley::net

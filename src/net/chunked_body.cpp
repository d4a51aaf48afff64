#include "net/chunked_body.h"

#include <parley/core/hex.h>

#include <algorithm>

namespace parley::net {
namespace {

constexpr int kSizeDigitsMax = 16;

bool isControl(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

}  // namespace

std::variant<std::size_t, HttpError> ChunkedBody::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::done) {
        if (state_ == State::data) {
            const std::string_view some = bytes.substr(used, left_);
            body_.append(some);
            used += some.size();
            left_ -= some.size();
            if (left_ == 0) state_ = State::dataCr;
        } else if (auto error = step(bytes[used++])) {
            return *error;
        }
    }
    return used;
}

std::optional<HttpError> ChunkedBody::step(char c) {
    const auto expect = [&](char wanted, State next) -> std::optional<HttpError> {
        if (c != wanted) return HttpError{400, "a chunk does not end where its size says"};
        state_ = next;
        return std::nullopt;
    };
    switch (state_) {
        case State::size: return readSize(c);
        case State::blank:
        case State::extension: return readExtension(c);
        case State::sizeLf:
            sizeDigits_ = 0;
            return expect('\n', left_ > 0 ? State::data : State::trailer);
        case State::dataCr: return expect('\r', State::dataLf);
        case State::dataLf: return expect('\n', State::size);
        case State::trailer: return readTrailer(c);
        case State::trailerLf:
            if (c != '\n') return HttpError{400, "bare carriage return in the trailer"};
            return endTrailerLine();
        case State::data:
        case State::done: break;
    }
    return std::nullopt;
}

std::optional<HttpError> ChunkedBody::readSize(char c) {
    if (const int digit = hexValue(c); digit >= 0) {
        if (++sizeDigits_ > kSizeDigitsMax) return HttpError{400, "chunk size too long"};
        // Looked at with each digit, so that it never overflows.
        left_ = left_ * 16 + static_cast<std::size_t>(digit);
        if (left_ > bodyBytesMax_ - body_.size()) {
            return HttpError{413, "the body is larger than the server accepts",
                             ErrorCode::payload_too_large};
        }
        return std::nullopt;
    }
    if (sizeDigits_ == 0) return HttpError{400, "chunk size is not a hexadecimal number"};
    if (c == '\r') {
        state_ = State::sizeLf;
        return std::nullopt;
    }
    state_ = State::blank;
    return readExtension(c);
}

std::optional<HttpError> ChunkedBody::readExtension(char c) {
    if (c == '\r' && state_ == State::extension) {
        state_ = State::sizeLf;
        return std::nullopt;
    }
    if (state_ == State::blank && c != ' ' && c != '\t' && c != ';') {
        return HttpError{400, "chunk size is not a hexadecimal number"};
    }
    if (isControl(c)) return HttpError{400, "control character in a chunk extension"};
    if (c == ';') state_ = State::extension;
    return countFraming();
}

std::optional<HttpError> ChunkedBody::readTrailer(char c) {
    if (c == '\r') {
        state_ = State::trailerLf;
        return std::nullopt;
    }
    if (c == '\n') return HttpError{400, "bare line feed in the trailer"};
    line_ += c;
    return countFraming();
}

std::optional<HttpError> ChunkedBody::endTrailerLine() {
    state_ = line_.empty() ? State::done : State::trailer;
    if (line_.empty()) return std::nullopt;
    const auto field = readField(line_);
    line_.clear();
    if (const auto* error = std::get_if<HttpError>(&field)) return *error;
    return std::nullopt;
}

std::optional<HttpError> ChunkedBody::countFraming() {
    if (++framingBytes_ <= framingBytesMax_) return std::nullopt;
    return HttpError{431, "chunk extensions and trailer fields too large"};
}

}  // namespace parley::net

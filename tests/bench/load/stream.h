#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <sys/types.h>

struct ssl_st;

namespace parley::bench {

/// The bytes of a connection to the server, plain or over TLS. It trusts every certificate, and
/// resumes no session. Owns the descriptor.
class Stream {
public:
    Stream(int descriptor, bool tls);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    int descriptor() const { return descriptor_; }
    /// As send(2) and recv(2), `errno` included. The first call of TLS begins its handshake.
    ssize_t send(std::string_view bytes);
    ssize_t receive(char* buffer, std::size_t size);
    /// Whether what `send` did not take can be sent once the descriptor is writable; otherwise it
    /// can once something has arrived.
    bool awaitsRoom() const { return awaitsRoom_; }

private:
    ssize_t resultOf(int result);

    struct FreeSsl {
        void operator()(ssl_st* ssl) const;
    };
    const int descriptor_;
    std::unique_ptr<ssl_st, FreeSsl> ssl_;  ///< null: plain
    bool awaitsRoom_ = true;
};

}  // namespace parley::bench

#include "stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::bench {
namespace {

SSL_CTX* clientContext() {
    static SSL_CTX* context = [] {
        SSL_CTX* made = SSL_CTX_new(TLS_client_method());
        if (!made) throw std::runtime_error("OpenSSL has no memory");
        // Without it the clients' buffers would be most of the generator's memory.
        SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_ENABLE_PARTIAL_WRITE);
        return made;
    }();
    return context;
}

}  // namespace

void Stream::FreeSsl::operator()(ssl_st* ssl) const {
    SSL_free(ssl);
}

Stream::Stream(int descriptor, bool tls)
    : descriptor_(descriptor), ssl_(tls ? SSL_new(clientContext()) : nullptr) {
    if (!ssl_) return;
    SSL_set_connect_state(ssl_.get());
    SSL_set_fd(ssl_.get(), descriptor_);
}

Stream::~Stream() {
    close(descriptor_);
}

ssize_t Stream::send(std::string_view bytes) {
    if (!ssl_) return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ERR_clear_error();
    return resultOf(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
}

ssize_t Stream::receive(char* buffer, std::size_t size) {
    if (!ssl_) return ::recv(descriptor_, buffer, size, 0);
    ERR_clear_error();
    return resultOf(SSL_read(ssl_.get(), buffer, static_cast<int>(size)));
}

ssize_t Stream::resultOf(int result) {
    if (result > 0) return result;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: awaitsRoom_ = false; break;
        case SSL_ERROR_WANT_WRITE: awaitsRoom_ = true; break;
        case SSL_ERROR_ZERO_RETURN: return 0;
        case SSL_ERROR_SYSCALL:
            if (errno == 0) errno = ECONNRESET;
            return -1;
        default: errno = EPROTO; return -1;
    }
    errno = EAGAIN;
    return -1;
}

}  // namespace parley::bench

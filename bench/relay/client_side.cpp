#include "client_side.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace bench {

ssl_ctx_st* make_context(const char* certificate_file, const char* key_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  // Partial writes let a large body leave record by record; the buffer moves between tries.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    std::exit(1);
  }
  return context;
}

ClientSide::ClientSide(int fd, ssl_ctx_st* context) : fd_(fd) {
  if (context == nullptr) return;
  ssl_ = SSL_new(context);
  SSL_set_fd(ssl_, fd);
  SSL_set_accept_state(ssl_);
}

ClientSide::~ClientSide() {
  SSL_free(ssl_);
  ::close(fd_);
}

ssize_t ClientSide::outcome(int result, std::size_t moved) {
  if (result == 1) return static_cast<ssize_t>(moved);
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return -1;
}

ssize_t ClientSide::read(char* data, std::size_t size) {
  if (ssl_ == nullptr) return ::recv(fd_, data, size, 0);
  std::size_t moved = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_, data, size, &moved);
  return outcome(result, moved);
}

ssize_t ClientSide::write(const char* data, std::size_t size) {
  if (ssl_ == nullptr) return ::send(fd_, data, size, MSG_NOSIGNAL);
  std::size_t moved = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_, data, size, &moved);
  return outcome(result, moved);
}

}  // namespace bench

// The side of the relay that faces the client: a plain socket or TLS 1.3 on it, read and written without blocking.
// It exists so that the relay can be the floor of the TLS row as well. One thread.
#pragma once

#include <sys/types.h>

#include <cstddef>

struct ssl_st;
struct ssl_ctx_st;

namespace bench {

/// A server context with this certificate, TLS 1.3 with AES-128-GCM; ends the program when the files are no good.
ssl_ctx_st* make_context(const char* certificate_file, const char* key_file);

class ClientSide {
 public:
  /// Takes the descriptor over; plain when the context is null.
  ClientSide(int fd, ssl_ctx_st* context);
  ClientSide(const ClientSide&) = delete;
  ClientSide& operator=(const ClientSide&) = delete;
  ~ClientSide();

  int fd() const { return fd_; }
  bool is_tls() const { return ssl_ != nullptr; }
  /// Like recv and send: -1 with errno EAGAIN when it would block; 0 from read is the end.
  ssize_t read(char* data, std::size_t size);
  ssize_t write(const char* data, std::size_t size);

 private:
  ssize_t outcome(int result, std::size_t moved);

  int fd_;
  ssl_st* ssl_{nullptr};
};

}  // namespace bench

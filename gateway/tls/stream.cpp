#include "gateway/tls/stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "gateway/tls/openssl.hpp"
#include "gateway/tls/server_context.hpp"

namespace gatehouse::tls {
namespace {

using net::Io;

constexpr std::size_t record_bytes_max = SSL3_RT_MAX_PLAIN_LENGTH;

// Where small pieces are joined to one record. Free again when write() returns: OpenSSL has sealed them by then.
thread_local std::array<char, record_bytes_max> scratch;

/// Walks the pieces of one write, a record at a time.
class Pieces {
 public:
  explicit Pieces(std::span<const iovec> pieces) : pieces_(pieces) { skip_empty(); }

  bool empty() const noexcept { return pieces_.empty(); }
  /// The next record, at most `limit` bytes: a view into a piece that fills it or is the last, a copy otherwise.
  std::span<const char> take(std::size_t limit) noexcept {
    if (front().size() >= limit || pieces_.size() == 1) return take_front(limit);
    std::size_t held = 0;
    while (held < limit && !empty()) {
      const std::span<const char> part = take_front(limit - held);
      std::memcpy(scratch.data() + held, part.data(), part.size());
      held += part.size();
    }
    return {scratch.data(), held};
  }

 private:
  std::span<const char> front() const noexcept {
    return {static_cast<const char*>(pieces_[0].iov_base) + offset_, pieces_[0].iov_len - offset_};
  }
  std::span<const char> take_front(std::size_t limit) noexcept {
    const std::span<const char> part = front().first(std::min(limit, front().size()));
    offset_ += part.size();
    skip_empty();
    return part;
  }
  void skip_empty() noexcept {
    while (!pieces_.empty() && offset_ == pieces_[0].iov_len) pieces_ = pieces_.subspan(1), offset_ = 0;
  }

  std::span<const iovec> pieces_;
  std::size_t offset_{0};
};

HandshakeFault fault_of_verification(long result) {
  switch (result) {
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return HandshakeFault::self_signed;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return HandshakeFault::unknown_ca;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return HandshakeFault::certificate_expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return HandshakeFault::name_mismatch;
    default:
      return HandshakeFault::bad_certificate;
  }
}

// OpenSSL's reasons, where they say more than "the bytes break the protocol".
HandshakeFault fault_of_reason(int reason) {
  switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return HandshakeFault::peer_closed;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return HandshakeFault::protocol_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
      return HandshakeFault::no_shared_cipher;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return HandshakeFault::no_application_protocol;
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
      return HandshakeFault::bad_certificate;
    default:
      return HandshakeFault::protocol_error;
  }
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const ServerContext> context) : server_(std::move(context)) {
  ssl_ = SSL_new(server_->native());
  attach_wire();
  if (ssl_ == nullptr) return;
  SSL_set_accept_state(ssl_);
  if (server_->wants_fingerprints()) look_for_hello();
}

TlsStream::TlsStream(std::shared_ptr<const ClientContext> context, std::string_view host, SessionSlot* slot)
    : client_(std::move(context)), link_(client_->link(host, slot)) {
  ssl_ = SSL_new(client_->native());
  attach_wire();
  if (ssl_ != nullptr && !client_->prepare(ssl_, link_)) SSL_free(std::exchange(ssl_, nullptr));
  if (ssl_ != nullptr) SSL_set_connect_state(ssl_);
}

// OpenSSL shows every message as it came; the first one is the client's. A second hello, after a HelloRetryRequest, answers the
// server's wishes and is nobody's fingerprint.
void TlsStream::look_for_hello() noexcept {
  SSL_set_msg_callback_arg(ssl_, &fingerprints_);
  // Callback: OpenSSL dictates the parameters.
  SSL_set_msg_callback(ssl_, [](int written, int, int type, const void* bytes, std::size_t size, SSL* ssl, void* out) {
    if (written != 0 || type != SSL3_RT_HANDSHAKE) return;
    SSL_set_msg_callback(ssl, nullptr);
    const std::string_view message(static_cast<const char*>(bytes), size);
    if (size <= SSL3_HM_HEADER_LENGTH || message[0] != SSL3_MT_CLIENT_HELLO) return;
    const auto hello = parse_client_hello(message.substr(SSL3_HM_HEADER_LENGTH));
    if (hello) *static_cast<std::unique_ptr<Fingerprints>*>(out) = std::make_unique<Fingerprints>(fingerprints_of(*hello));
  });
}

void TlsStream::attach_wire() noexcept {
  wire_.port = &port_;
  BIO* const bio = ssl_ != nullptr ? make_wire_bio(wire_) : nullptr;
  if (bio != nullptr) {
    SSL_set_bio(ssl_, bio, bio);
  } else {
    SSL_free(std::exchange(ssl_, nullptr));  // handshake() says so
  }
}

TlsStream::~TlsStream() {
  // Without this OpenSSL takes a connection that ended without close_notify as a reason to forget its session, which
  // would cost every pooled origin connection that was simply closed the resumption of the next one.
  if (ssl_ != nullptr && agreed_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

runtime::Task<HandshakeResult> TlsStream::handshake() {
  if (ssl_ == nullptr) co_return HandshakeResult{HandshakeFault::internal, 0, ENOMEM};
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) {
      agree();
      co_return HandshakeResult{};
    }
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ) {
      co_await port_.readable();  // the wire has cleared the flags
    } else if (error == SSL_ERROR_WANT_WRITE) {
      co_await port_.writable();
    } else {
      const HandshakeResult refused = refusal(error);
      ERR_clear_error();
      if (link_.slot != nullptr) link_.slot->clear();  // perhaps the session's fault: the next try starts afresh
      co_return refused;
    }
  }
}

void TlsStream::agree() noexcept {
  agreed_ = true;
  // The client's first request may have come with its Finished: it waits in OpenSSL, no edge will tell.
  if (SSL_has_pending(ssl_)) port_.in = true;
}

HandshakeResult TlsStream::refusal(int ssl_error) const noexcept {
  HandshakeResult result;
  if (ssl_error == SSL_ERROR_SYSCALL) {
    const bool gone = wire_.eof || wire_.os_error == ECONNRESET || wire_.os_error == EPIPE;
    result.fault = gone ? HandshakeFault::peer_closed : HandshakeFault::os_error;
    result.os_error = wire_.os_error;
    return result;
  }
  if (result.fault = fault_of_first_bytes(wire_.first_bytes()); result.fault != HandshakeFault::none) return result;
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  if (reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255) {
    result.alert = static_cast<std::uint8_t>(reason - SSL_AD_REASON_OFFSET);
    result.fault = fault_of_alert(result.alert);
  } else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    result.fault = fault_of_verification(SSL_get_verify_result(ssl_));
  } else {
    result.fault = fault_of_reason(reason);
  }
  return result;
}

Facts TlsStream::facts() const noexcept {
  Facts facts;
  if (ssl_ == nullptr) return facts;
  facts.version = SSL_get_version(ssl_);
  facts.cipher = SSL_get_cipher_name(ssl_);
  if (const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name)) facts.server_name = name;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &protocol, &size);
  if (size > 0) facts.protocol = std::string_view(reinterpret_cast<const char*>(protocol), size);
  facts.resumed = SSL_session_reused(ssl_) == 1;
  if (fingerprints_ != nullptr) facts.ja3 = fingerprints_->ja3_text(), facts.ja4 = fingerprints_->ja4_text();
  return facts;
}

// Fills the space as far as the connection gives, so that a short read means what it means on a plain stream.
net::Io TlsStream::read(std::span<char> space) noexcept {
  if (read_error_ != 0) return Io::failed(read_error_);
  if (ended_) return Io::ended();
  if (!port_.in) return Io::blocked();
  std::size_t filled = 0;
  while (filled < space.size()) {
    const Io io = read_some(space.subspan(filled));
    if (io.ok()) {
      filled += io.size();
      continue;
    }
    if (filled == 0) return io;
    if (io.would_block()) return Io::moved(filled);
    break;  // the end or an error, behind bytes: the next read gives it
  }
  // What OpenSSL still holds, and an end that was met, will cause no edge; they must stay readable.
  if (ended_ || read_error_ != 0 || SSL_has_pending(ssl_)) port_.in = true;
  return Io::moved(filled);
}

// One SSL_read: at most one record.
net::Io TlsStream::read_some(std::span<char> space) noexcept {
  ERR_clear_error();
  std::size_t n = 0;
  if (SSL_read_ex(ssl_, space.data(), space.size(), &n) == 1) return Io::moved(n);
  switch (SSL_get_error(ssl_, 0)) {
    case SSL_ERROR_WANT_READ:
      port_.in = false;  // even with a part of a record in OpenSSL: only the socket can complete it
      return Io::blocked();
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      return Io::ended();
    case SSL_ERROR_SYSCALL:
      read_error_ = wire_.os_error != 0 ? wire_.os_error : EIO;
      break;
    default:  // WANT_WRITE too: nothing that is read makes OpenSSL write here; it answers a KeyUpdate in SSL_write
      read_error_ = wire_.eof ? truncated : EPROTO;
  }
  ERR_clear_error();
  return Io::failed(read_error_);
}

net::Io TlsStream::write(std::span<const iovec> pieces) noexcept {
  if (!port_.out) return Io::blocked();
  Pieces rest(pieces);
  std::size_t moved = 0;
  while (!rest.empty()) {
    const std::span<const char> record = rest.take(sealed_ != 0 ? sealed_ : record_bytes_max);
    if (record.size() < sealed_) return Io::failed(EINVAL);  // the caller offers less than a blocked write did
    wire_.more = !rest.empty();
    const Io io = write_record(record);
    if (io.ok()) {
      moved += io.size();
    } else {
      return moved > 0 ? Io::moved(moved) : io;  // an error comes again with the next write
    }
  }
  return Io::moved(moved);
}

net::Io TlsStream::write_record(std::span<const char> record) noexcept {
  ERR_clear_error();
  std::size_t n = 0;
  if (SSL_write_ex(ssl_, record.data(), record.size(), &n) == 1) {
    sealed_ = 0;
    return Io::moved(n);
  }
  const int error = SSL_get_error(ssl_, 0);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_WRITE) {
    sealed_ = record.size();
    return Io::blocked();
  }
  return Io::failed(error == SSL_ERROR_SYSCALL && wire_.os_error != 0 ? wire_.os_error : EPROTO);
}

void TlsStream::finish_writing() noexcept {
  if (ssl_ == nullptr || !port_.is_open()) return;
  if (agreed_) {
    ERR_clear_error();
    wire_.more = false;
    SSL_shutdown(ssl_);  // sends close_notify once; the peer's is not awaited
    ERR_clear_error();
  }
  ::shutdown(port_.fd(), SHUT_WR);
}

bool TlsStream::usable() noexcept {
  if (!agreed_ || ended_ || read_error_ != 0 || sealed_ != 0 || port_.hup) return false;
  if (!port_.in) return true;
  // A TLS 1.3 server's tickets may still be unread; peeking takes them in and finds out whether more has come.
  ERR_clear_error();
  char byte;
  std::size_t n = 0;
  if (SSL_peek_ex(ssl_, &byte, 1, &n) == 1) return false;
  const bool empty = SSL_get_error(ssl_, 0) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  if (empty) port_.in = false;
  return empty;
}

}  // namespace gatehouse::tls

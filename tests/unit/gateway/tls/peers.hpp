// What the TLS tests share: certificates made on the spot, a loop that drives our streams, and peers that are plain
// blocking OpenSSL on a thread of their own, on the other end of a socket pair.
#pragma once

#include <gtest/gtest.h>
#include <openssl/rsa.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/runtime/port_set.hpp"
#include "gateway/tls/certificates.hpp"
#include "gateway/tls/openssl.hpp"
#include "gateway/tls/server_context.hpp"
#include "gateway/tls/stream.hpp"

namespace gatehouse::tls::testing {

using namespace std::chrono_literals;
using runtime::Task;
using SslHandle = std::unique_ptr<SSL, Freed<SSL_free>>;
using SessionHandle = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;

/// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-tls-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::string path_;
};

inline std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline KeyHandle ec_key(const char* group = "P-256") { return KeyHandle(EVP_EC_gen(group)); }
inline KeyHandle rsa_key(unsigned bits = 2048) { return KeyHandle(EVP_RSA_gen(bits)); }
inline KeyHandle ed25519_key() { return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

struct Pair {
  CertificateHandle certificate;
  KeyHandle key;

  std::string certificate_pem() const {
    const BioHandle memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(memory.get(), certificate.get());
    return text_of(memory.get());
  }
  std::string key_pem(const char* password = nullptr) const {
    const BioHandle memory(BIO_new(BIO_s_mem()));
    const EVP_CIPHER* cipher = password != nullptr ? EVP_aes_256_cbc() : nullptr;
    PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), cipher, password, password ? int(strlen(password)) : 0,
                                  nullptr, nullptr);
    return text_of(memory.get());
  }

 private:
  static std::string text_of(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return std::string(text, static_cast<std::size_t>(size));
  }
};

struct Asked {
  std::string common_name;
  std::string names;  // subjectAltName in OpenSSL's text form; empty: none
  std::chrono::hours from{-1};
  std::chrono::hours until{24 * 365};
  bool authority{false};
};

/// Signed by `issuer`, or by itself.
inline Pair issue(const Asked& asked, KeyHandle key, const Pair* issuer = nullptr) {
  static long serial = 1;
  Pair made{CertificateHandle(X509_new()), std::move(key)};
  X509* const x = made.certificate.get();
  X509* const above = issuer != nullptr ? issuer->certificate.get() : x;
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_set_pubkey(x, made.key.get());
  X509_gmtime_adj(X509_getm_notBefore(x), std::chrono::seconds(asked.from).count());
  X509_gmtime_adj(X509_getm_notAfter(x), std::chrono::seconds(asked.until).count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(asked.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(above));
  const auto extend = [&](int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, above, x, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, asked.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!asked.names.empty()) extend(NID_subject_alt_name, asked.names.c_str());
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  const bool edwards = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;
  EXPECT_NE(X509_sign(x, signer, edwards ? nullptr : EVP_sha256()), 0);
  return made;
}

inline Result<std::shared_ptr<const Identity>, std::string> try_load(const Folder& folder, const Pair& pair,
                                                                     const std::string& name = "test") {
  return Identity::load(IdentitySource{name, folder.write(name + ".pem", pair.certificate_pem()),
                                       folder.write(name + ".key", pair.key_pem()), {}});
}

/// An identity of this common name and subjectAltName, self-signed.
inline std::shared_ptr<const Identity> identity(const std::string& common_name, const std::string& names,
                                                KeyHandle key) {
  const Folder folder;
  return try_load(folder, issue(Asked{common_name, names}, std::move(key)), common_name).value();
}

/// Runs what becomes ready until `done`; a test that hangs fails after ten seconds without an event.
inline void drive(runtime::PortSet& ports, const std::function<bool()>& done) {
  while (!done()) {
    pollfd ready{ports.fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 10000), 1) << "no event: a wakeup was lost";
    ports.poll();
  }
}

template <class T>
Task<void> put(Task<T> task, std::optional<T>& into) {
  into.emplace(co_await task);
}

template <class T>
T run(runtime::PortSet& ports, Task<T> task) {
  std::optional<T> result;
  runtime::Join<void> running(put(std::move(task), result));
  drive(ports, [&] { return running.done(); });
  return std::move(*result);
}

/// Our end does not block, the peer's does.
struct Ends {
  int ours{-1};
  int theirs{-1};
  explicit Ends(int buffer_bytes = 0) {
    int both[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    ours = both[0], theirs = both[1];
    EXPECT_EQ(::fcntl(ours, F_SETFL, O_NONBLOCK), 0);
    for (const int fd : both) {
      if (buffer_bytes > 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    }
  }
};

/// A thread that owns the peer's end. SIGPIPE is blocked there only: ours must never raise it.
class Peer {
 public:
  Peer(int fd, std::function<void(int)> work)
      : thread_([fd, work = std::move(work)] {
          sigset_t pipe;
          sigemptyset(&pipe);
          sigaddset(&pipe, SIGPIPE);
          pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
          work(fd);
          ::close(fd);
        }) {}
  ~Peer() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

struct ClientSetup {
  int lowest{TLS1_2_VERSION};
  int highest{TLS1_3_VERSION};
  std::string ciphers;       // TLS 1.2
  std::string suites;        // TLS 1.3
  std::string signatures;
  std::string server_name;
  std::string protocols;     // ALPN's wire form
  SSL_SESSION* session{nullptr};
};

struct ClientOutcome {
  bool ok{false};
  int alert{0};  // received
  std::string version, cipher, protocol, common_name, echoed;
  bool resumed{false};
  int tickets{0};
  SessionHandle session;
};

inline std::string common_name_of(SSL* ssl) {
  char name[128] = "";
  const CertificateHandle certificate(SSL_get1_peer_certificate(ssl));
  if (certificate)
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

inline int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* outcome = static_cast<ClientOutcome*>(SSL_get_app_data(ssl));
  outcome->session.reset(session);
  ++outcome->tickets;
  return 1;
}

inline ContextHandle client_context(const ClientSetup& setup) {
  ContextHandle context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const c = context.get();
  SSL_CTX_set_security_level(c, 0);
  SSL_CTX_set_min_proto_version(c, setup.lowest);
  SSL_CTX_set_max_proto_version(c, setup.highest);
  if (!setup.ciphers.empty()) EXPECT_EQ(SSL_CTX_set_cipher_list(c, setup.ciphers.c_str()), 1);
  if (!setup.suites.empty()) EXPECT_EQ(SSL_CTX_set_ciphersuites(c, setup.suites.c_str()), 1);
  if (!setup.signatures.empty()) EXPECT_EQ(SSL_CTX_set1_sigalgs_list(c, setup.signatures.c_str()), 1);
  if (!setup.protocols.empty()) {
    SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>(setup.protocols.data()),
                            static_cast<unsigned>(setup.protocols.size()));
  }
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(c, keep_session);
  return context;
}

/// Connects, sends "ping", reads the echo, keeps the session.
inline void speak(int fd, const ClientSetup& setup, ClientOutcome& outcome) {
  const ContextHandle context = client_context(setup);
  const SslHandle ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), fd);
  SSL_set_app_data(ssl.get(), &outcome);
  if (!setup.server_name.empty()) SSL_set_tlsext_host_name(ssl.get(), setup.server_name.c_str());
  if (setup.session != nullptr) SSL_set_session(ssl.get(), setup.session);
  ERR_clear_error();
  char bytes[64];
  int n = 0;
  // In TLS 1.3 a refusal may come only with the first read.
  if (SSL_connect(ssl.get()) != 1 || SSL_write(ssl.get(), "ping", 4) != 4 ||
      (n = SSL_read(ssl.get(), bytes, sizeof bytes)) <= 0) {
    const int reason = ERR_GET_REASON(ERR_peek_error());
    if (reason > SSL_AD_REASON_OFFSET) outcome.alert = reason - SSL_AD_REASON_OFFSET;
    ERR_clear_error();
    return;
  }
  outcome.ok = true;
  outcome.echoed.assign(bytes, static_cast<std::size_t>(n));
  outcome.version = SSL_get_version(ssl.get());
  outcome.cipher = SSL_get_cipher_name(ssl.get());
  outcome.common_name = common_name_of(ssl.get());
  outcome.resumed = SSL_session_reused(ssl.get()) == 1;
  // A renewed TLS 1.2 ticket is not announced, it is just there.
  if (outcome.version == "TLSv1.2") outcome.session.reset(SSL_get1_session(ssl.get()));
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
  outcome.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  SSL_shutdown(ssl.get());
}

struct ServerOutcome {
  HandshakeResult result;
  std::string version, cipher, server_name, protocol;
  bool resumed{false};
};

inline Task<net::Io> read_some(net::Stream& stream, std::span<char> space) {
  net::Io io;
  while ((io = stream.read(space)).would_block()) co_await stream.readable();
  co_return io;
}

inline Task<bool> write_all(net::Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const net::Io io = stream.write({&piece, 1});
    if (io.would_block()) {
      co_await stream.writable();
    } else if (!io.ok()) {
      co_return false;
    } else {
      bytes.remove_prefix(io.size());
    }
  }
  co_return true;
}

inline Task<ServerOutcome> echo(TlsStream& stream) {
  ServerOutcome outcome;
  outcome.result = co_await stream.handshake();
  if (!outcome.result.ok()) co_return std::move(outcome);
  const Facts facts = stream.facts();
  outcome.version = facts.version, outcome.cipher = facts.cipher;
  outcome.server_name = facts.server_name, outcome.protocol = facts.protocol;
  outcome.resumed = facts.resumed;
  char bytes[64];
  const net::Io io = co_await read_some(stream, bytes);
  if (io.ok()) (void)co_await write_all(stream, std::string_view(bytes, io.size()));
  stream.finish_writing();
  co_return std::move(outcome);
}

struct Exchanged {
  ServerOutcome server;
  ClientOutcome client;
};

/// One connection of a real OpenSSL client to our server's side.
inline Exchanged converse(const std::shared_ptr<const ServerContext>& context, const ClientSetup& setup) {
  Exchanged both;
  const Ends ends;
  Peer peer(ends.theirs, [&](int fd) { speak(fd, setup, both.client); });
  runtime::PortSet ports;
  {
    TlsStream stream(context);
    EXPECT_TRUE(stream.port().open(ports, ends.ours));
    both.server = run(ports, echo(stream));
  }
  peer.join();
  return both;
}

inline std::shared_ptr<TicketKeys> ticket_keys() { return std::make_shared<TicketKeys>(8h, TicketKeys::Time{}); }

inline ServerOptions options(std::vector<std::shared_ptr<const Identity>> identities,
                             const std::string& policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06") {
  ServerOptions made;
  made.listener = "https";
  made.settings.security_policy = policy;
  made.identities = std::move(identities);
  return made;
}

inline std::shared_ptr<const ServerContext> server(ServerOptions given) {
  auto made = ServerContext::make(std::move(given));
  EXPECT_TRUE(made.has_value()) << made.error();
  return std::move(made).value();
}

}  // namespace gatehouse::tls::testing

#include "gateway/tls/development_certificate.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

using Step = Result<void, std::string>;
using std::chrono::hours;

constexpr auto day = hours(24);
constexpr auto authority_life = 3650 * day;
constexpr auto server_life = 397 * day;   // some clients refuse more than 398 days
constexpr auto renewed_before = 30 * day;
constexpr auto backdated = hours(1);      // for a clock that runs behind
constexpr const char* server_names = "DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:::1";
// All of 127/8 is this machine; nothing else can be vouched for, whoever gets hold of the authority's key.
constexpr const char* authority_limits =
    "critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0,"
    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

struct Signed {
  CertificateHandle certificate;
  KeyHandle key;
};

struct Wanted {
  const char* common_name;
  WallTime from;
  WallTime until;
  std::vector<std::pair<int, const char*>> extensions;  // NID and OpenSSL's text form
};

Failure<std::string> cannot_make(std::string_view what) {
  return Failure{fmt::format("the development certificate's {} cannot be made: {}", what, take_error())};
}

Failure<std::string> file_error(const std::string& path, std::string_view what) {
  return Failure{fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

bool extend(X509* certificate, X509* issuer, const Wanted& wanted) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : wanted.extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    if (extension == nullptr) return false;
    const int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    if (added != 1) return false;
  }
  return true;
}

bool set_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] &= 0x7f;  // RFC 5280 4.1.2.2: positive
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

void set_time(ASN1_TIME* field, WallTime time) { ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time)); }

// Signed by the issuer, or by itself when there is none.
Result<Signed, std::string> sign(const Wanted& wanted, const Signed* issuer) {
  Signed made{CertificateHandle(X509_new()), KeyHandle(EVP_EC_gen("P-256"))};
  X509* const x = made.certificate.get();
  if (x == nullptr || !made.key || !set_serial(x)) return cannot_make("key");
  X509* const issuer_certificate = issuer != nullptr ? issuer->certificate.get() : x;
  X509_set_version(x, X509_VERSION_3);
  X509_set_pubkey(x, made.key.get());
  set_time(X509_getm_notBefore(x), wanted.from);
  set_time(X509_getm_notAfter(x), wanted.until);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer_certificate));
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  if (!extend(x, issuer_certificate, wanted) || X509_sign(x, signer, EVP_sha256()) == 0)
    return cannot_make("signature");
  return made;
}

std::string pem_of(X509* certificate) {
  const BioHandle memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

std::string pem_of(EVP_PKEY* key) {
  const BioHandle memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

// Written beside and renamed over: a start that is cut short leaves the old file or the new one, never half of one.
Step write_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string beside = fmt::format("{}.{}", path, ::getpid());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return file_error(beside, "cannot be written");
  const bool written = ::fchmod(fd, mode) == 0 && ::write(fd, text.data(), text.size()) == ssize_t(text.size());
  const bool closed = ::close(fd) == 0;
  if (written && closed && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  auto failure = file_error(path, "cannot be written");
  ::unlink(beside.c_str());
  return failure;
}

Step make_folder(const std::string& folder) {
  // A new account has no ~/.local/share yet (XDG Base Directory Specification: it is to be made).
  std::error_code ignored;  // what matters is whether the folder itself can be made
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), ignored);
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  struct stat found {};
  if (errno != EEXIST) return file_error(folder, "cannot be made");
  if (::stat(folder.c_str(), &found) != 0) return file_error(folder, "cannot be read");
  if (!S_ISDIR(found.st_mode)) return Failure{fmt::format("{}: is no folder", folder)};
  // A key that others could replace is no key of ours.
  if (found.st_uid != ::geteuid() || (found.st_mode & 022) != 0) {
    return Failure{fmt::format("{}: others may write to it; choose a folder of your own", folder)};
  }
  return {};
}

// A pair of files that still serves, or nothing.
bool load(const IdentitySource& source, WallTime now, Signed& into) {
  auto identity = Identity::load(source);
  if (!identity || now < (*identity)->not_before() || now > (*identity)->not_after() - renewed_before) return false;
  X509_up_ref((*identity)->leaf());
  EVP_PKEY_up_ref((*identity)->key());
  into = Signed{CertificateHandle((*identity)->leaf()), KeyHandle((*identity)->key())};
  return true;
}

Step store(const IdentitySource& files, const Signed& made, const std::string& chain) {
  // The key first: a certificate without its key would be taken for a damaged pair and made anew, which is right too.
  GH_TRY(Done wrote_key, write_file(files.private_key_file, pem_of(made.key.get()), 0600));
  (void)wrote_key;
  return write_file(files.certificate_file, pem_of(made.certificate.get()) + chain, 0644);
}

Wanted authority(WallTime now) {
  return Wanted{"Gatehouse development authority", now - backdated, now + authority_life,
                {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"},
                 {NID_name_constraints, authority_limits}}};
}

Wanted server(WallTime now) {
  return Wanted{"localhost", now - backdated, now + server_life,
                {{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "serverAuth"},
                 {NID_subject_key_identifier, "hash"},
                 {NID_authority_key_identifier, "keyid"},
                 {NID_subject_alt_name, server_names}}};
}

}  // namespace

Result<DevelopmentCertificate, std::string> development_certificate(const std::string& folder, WallTime now) {
  IdentitySource ca_files{"development authority", folder + "/ca.pem", folder + "/ca.key", {}};
  IdentitySource files{"development", folder + "/localhost.pem", folder + "/localhost.key", {}};
  DevelopmentCertificate result{ca_files.certificate_file, files.certificate_file, files.private_key_file, false};
  if (auto made = make_folder(folder); !made) return Failure{made.error()};
  Signed ca;
  const bool known_ca = load(ca_files, now, ca);
  if (!known_ca) {
    GH_TRY(ca, sign(authority(now), nullptr));
    if (auto stored = store(ca_files, ca, ""); !stored) return Failure{stored.error()};
  }
  Signed leaf;
  const bool known_leaf = known_ca && load(files, now, leaf) &&
                          X509_verify(leaf.certificate.get(), ca.key.get()) == 1;
  ERR_clear_error();
  if (known_leaf) return result;
  GH_TRY(leaf, sign(server(now), &ca));
  if (auto stored = store(files, leaf, ""); !stored) return Failure{stored.error()};
  result.made = true;
  return result;
}

}  // namespace gatehouse::tls

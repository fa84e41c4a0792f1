#include "gateway/tls/certificates.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

using Text = Result<std::string, std::string>;

constexpr std::size_t file_bytes_max = 1u << 20;  // a chain is a few KiB; this is not one

Text read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure{fmt::format("{}: cannot be opened: {}", path, std::strerror(errno))};
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.gcount() == 0 && errno != 0)) {
    return Failure{fmt::format("{}: cannot be read: {}", path, std::strerror(errno))};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max) return Failure{fmt::format("{}: larger than 1 MiB, so not a PEM file", path)};
  return text;
}

BioHandle memory_of(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string date_of(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string text_of(const ASN1_STRING* string) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                     static_cast<std::size_t>(ASN1_STRING_length(string)));
}

// The address in the one form inet_ntop gives, or empty.
std::string canonical_address(std::string_view host) {
  const std::string text(host);
  unsigned char bytes[16];
  char out[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes) == 1) return inet_ntop(family, bytes, out, sizeof out);
  }
  return {};
}

// A wildcard may stand only as the whole leftmost label (RFC 9525 6.3).
bool usable_name(const std::string& name) {
  if (name.empty() || name.find('\0') != std::string::npos) return false;
  const std::size_t star = name.find('*');
  return star == std::string::npos ||
         (star == 0 && name.size() > 2 && name[1] == '.' && name.find('*', 1) == name.npos);
}

bool name_matches(const std::string& pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && host.substr(dot) == std::string_view(pattern).substr(1);
}

}  // namespace

std::string canonical_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return name;
}

/// Fills an Identity step by step; each step gives the reason why it cannot.
class IdentityLoader {
 public:
  using Step = Result<void, std::string>;

  explicit IdentityLoader(const IdentitySource& source) : source_(source), made_(new Identity) {
    made_->name_ = source.name;
    key_origin_ = source.private_key_pem.empty() ? source.private_key_file : "the output of private_key_command";
  }

  Result<std::shared_ptr<const Identity>, std::string> run() {
    for (Step (IdentityLoader::*step)() : {&IdentityLoader::load_chain, &IdentityLoader::load_key,
                                           &IdentityLoader::check_key, &IdentityLoader::describe}) {
      Step done = (this->*step)();
      ERR_clear_error();
      if (!done) return Failure{std::move(done).error()};
    }
    return std::shared_ptr<const Identity>(std::move(made_));
  }

 private:
  Step fail(const std::string& where, std::string_view reason) const {
    return Failure{fmt::format("certificate '{}': {}: {}", source_.name, where, reason)};
  }

  Step load_chain() {
    Text text = read_file(source_.certificate_file);
    if (!text) return Failure{fmt::format("certificate '{}': {}", source_.name, text.error())};
    const BioHandle memory = memory_of(*text);
    while (X509* next = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)) {
      if (made_->leaf_ == nullptr) {
        made_->leaf_ = next;
      } else {
        made_->intermediates_.push_back(next);
      }
    }
    const unsigned long error = ERR_peek_last_error();
    const bool reached_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (!reached_end) return fail(source_.certificate_file, "a certificate in it is damaged: " + take_error());
    if (made_->leaf_ == nullptr) return fail(source_.certificate_file, "holds no PEM certificate");
    return {};
  }

  Step load_key() {
    std::string pem = source_.private_key_pem;
    if (pem.empty()) {
      Text text = read_file(source_.private_key_file);
      if (!text) return Failure{fmt::format("certificate '{}': {}", source_.name, text.error())};
      pem = std::move(*text);
    }
    bool asked_for_password = false;
    const auto refuse = [](char*, int, int, void* asked) { return *static_cast<bool*>(asked) = true, -1; };
    const BioHandle memory = memory_of(pem);
    made_->key_ = PEM_read_bio_PrivateKey(memory.get(), nullptr, refuse, &asked_for_password);
    OPENSSL_cleanse(pem.data(), pem.size());
    if (asked_for_password) {
      return fail(key_origin_, "the private key is encrypted; let private_key_command print it decrypted");
    }
    if (made_->key_ == nullptr) return fail(key_origin_, "holds no PEM private key");
    return {};
  }

  Step check_key() {
    made_->key_bits_ = EVP_PKEY_get_bits(made_->key_);
    switch (EVP_PKEY_get_base_id(made_->key_)) {
      case EVP_PKEY_RSA:
        made_->key_type_ = KeyType::rsa;
        if (made_->key_bits_ < 2048 || made_->key_bits_ > 4096) {
          return fail(key_origin_, fmt::format("an RSA key of {} bits; 2048 to 4096 can be used", made_->key_bits_));
        }
        break;
      case EVP_PKEY_EC:
        made_->key_type_ = KeyType::ecdsa;
        if (!known_curve()) return fail(key_origin_, "an ECDSA key on another curve than P-256, P-384 or P-521");
        break;
      case EVP_PKEY_ED25519:
      case EVP_PKEY_ED448:
        return fail(key_origin_, "an Ed25519 or Ed448 key; use RSA or ECDSA, as browsers do");
      default:
        return fail(key_origin_, "neither an RSA nor an ECDSA key");
    }
    if (X509_check_private_key(made_->leaf_, made_->key_) == 1) return {};
    return fail(source_.certificate_file, "its first certificate does not belong to the key of " + key_origin_);
  }

  bool known_curve() const {
    char group[64];
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(made_->key_, group, sizeof group, &length) != 1) return false;
    const int nid = OBJ_sn2nid(group);
    return nid == NID_X9_62_prime256v1 || nid == NID_secp384r1 || nid == NID_secp521r1;
  }

  Step describe() {
    made_->not_before_ = time_of(X509_get0_notBefore(made_->leaf_));
    made_->not_after_ = time_of(X509_get0_notAfter(made_->leaf_));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    X509_digest(made_->leaf_, EVP_sha256(), digest, &length);
    for (unsigned i = 0; i < length; ++i) made_->fingerprint_ += fmt::format("{:02x}", digest[i]);
    using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(made_->leaf_, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) add(*sk_GENERAL_NAME_value(names.get(), i));
    if (!names) add_common_name();
    return {};
  }

  void add(const GENERAL_NAME& name) {
    if (name.type == GEN_DNS) {
      std::string dns = canonical_host(text_of(name.d.dNSName));
      if (usable_name(dns)) made_->dns_names_.push_back(std::move(dns));
    } else if (name.type == GEN_IPADD) {
      const std::string bytes = text_of(name.d.iPAddress);
      char out[INET6_ADDRSTRLEN];
      const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
      if (bytes.size() != 4 && bytes.size() != 16) return;
      made_->addresses_.emplace_back(inet_ntop(family, bytes.data(), out, sizeof out));
    }
  }

  void add_common_name() {
    char name[256];
    const int length =
        X509_NAME_get_text_by_NID(X509_get_subject_name(made_->leaf_), NID_commonName, name, sizeof name);
    if (length <= 0) return;
    std::string dns = canonical_host(std::string_view(name, static_cast<std::size_t>(length)));
    if (usable_name(dns)) made_->dns_names_.push_back(std::move(dns));
  }

  const IdentitySource& source_;
  std::string key_origin_;  // for messages
  std::unique_ptr<Identity> made_;
};

Result<std::shared_ptr<const Identity>, std::string> Identity::load(const IdentitySource& source) {
  return IdentityLoader(source).run();
}

Identity::~Identity() {
  X509_free(leaf_);
  EVP_PKEY_free(key_);
  for (X509* certificate : intermediates_) X509_free(certificate);
}

bool Identity::covers(std::string_view host) const {
  const std::string address = canonical_address(host);
  if (!address.empty()) return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
  const std::string name = canonical_host(host);
  return std::any_of(dns_names_.begin(), dns_names_.end(),
                     [&](const std::string& pattern) { return name_matches(pattern, name); });
}

std::vector<std::string> Identity::warnings(WallTime now) const {
  constexpr auto soon = std::chrono::hours(14 * 24);
  std::vector<std::string> list;
  if (now > not_after_) {
    list.push_back(fmt::format("certificate '{}' expired on {}", name_, date_of(not_after_)));
  } else if (now > not_after_ - soon) {
    list.push_back(fmt::format("certificate '{}' expires on {}", name_, date_of(not_after_)));
  }
  if (now < not_before_)
    list.push_back(fmt::format("certificate '{}' is valid only from {}", name_, date_of(not_before_)));
  X509* below = leaf_;
  for (X509* issuer : intermediates_) {
    if (X509_check_issued(issuer, below) != X509_V_OK) {
      list.push_back(
          fmt::format("certificate '{}': its chain is out of order: each must be issued by the next", name_));
      break;
    }
    below = issuer;
  }
  return list;
}

}  // namespace gatehouse::tls

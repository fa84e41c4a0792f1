#include "gateway/tls/development_certificate.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "gateway/tls/client_context.hpp"
#include "peers.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const WallTime now = std::chrono::system_clock::now();

DevelopmentCertificate make(const std::string& folder, WallTime when = now) {
  auto made = development_certificate(folder, when);
  EXPECT_TRUE(made.has_value()) << made.error();
  return std::move(made).value();
}

mode_t mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

std::shared_ptr<const Identity> load(const DevelopmentCertificate& files) {
  return Identity::load({"dev", files.certificate_file, files.private_key_file, {}}).value();
}

TEST(DevelopmentCertificate, is_made_for_this_machine_and_kept_from_others) {
  const Folder parent;
  const std::string folder = parent.file("dev");
  const DevelopmentCertificate files = make(folder);
  EXPECT_TRUE(files.made);
  EXPECT_EQ(mode_of(folder), 0700u);
  EXPECT_EQ(mode_of(files.private_key_file), 0600u);
  EXPECT_EQ(mode_of(folder + "/ca.key"), 0600u);
  const auto loaded = load(files);
  for (const char* host : {"localhost", "api.localhost", "127.0.0.1", "::1"}) EXPECT_TRUE(loaded->covers(host)) << host;
  EXPECT_FALSE(loaded->covers("example.com"));
  EXPECT_LE(loaded->not_after() - loaded->not_before(), 398 * 24h);
}

TEST(DevelopmentCertificate, is_trusted_by_who_trusts_its_authority) {
  const Folder parent;
  const DevelopmentCertificate files = make(parent.file("dev"));
  const auto context = server(options({load(files)}));
  config::OriginTls settings;
  settings.ca_file = files.ca_file;
  const auto client = ClientContext::make(settings).value();
  for (const char* host : {"localhost", "127.0.0.1", "::1"}) {
    Ends ends;
    ASSERT_EQ(::fcntl(ends.theirs, F_SETFL, O_NONBLOCK), 0);
    runtime::PortSet ports;
    TlsStream ours(context);
    TlsStream theirs(client, host, nullptr);
    ASSERT_TRUE(ours.port().open(ports, ends.ours));
    ASSERT_TRUE(theirs.port().open(ports, ends.theirs));
    std::optional<HandshakeResult> served;
    runtime::Join<void> serving(put(ours.handshake(), served));
    EXPECT_EQ(handshake_fault_name(run(ports, theirs.handshake()).fault), "none") << host;
    drive(ports, [&] { return serving.done(); });
  }
}

TEST(DevelopmentCertificate, is_used_again) {
  const Folder parent;
  const DevelopmentCertificate first = make(parent.file("dev"));
  const std::string before = read_all(first.certificate_file);
  const DevelopmentCertificate second = make(parent.file("dev"), now + 300 * 24h);
  EXPECT_FALSE(second.made);
  EXPECT_EQ(read_all(second.certificate_file), before);
}

TEST(DevelopmentCertificate, is_renewed_near_its_end_by_the_same_authority) {
  const Folder parent;
  const DevelopmentCertificate first = make(parent.file("dev"));
  const std::string ca = read_all(first.ca_file);
  const std::string before = read_all(first.certificate_file);
  const DevelopmentCertificate renewed = make(parent.file("dev"), now + 380 * 24h);
  EXPECT_TRUE(renewed.made);
  EXPECT_NE(read_all(renewed.certificate_file), before);
  EXPECT_EQ(read_all(renewed.ca_file), ca);
}

TEST(DevelopmentCertificate, is_made_anew_when_a_file_is_damaged) {
  const Folder parent;
  const DevelopmentCertificate first = make(parent.file("dev"));
  std::ofstream(first.private_key_file) << "not a key";
  EXPECT_TRUE(make(parent.file("dev")).made);
  EXPECT_EQ(load(first)->name(), "dev");
  std::ofstream(first.ca_file) << "not a certificate";
  EXPECT_TRUE(make(parent.file("dev")).made) << "signed by an authority that is gone";
  EXPECT_FALSE(make(parent.file("dev")).made);
}

TEST(DevelopmentCertificate, its_authority_vouches_for_nothing_else) {
  const Folder parent;
  const DevelopmentCertificate files = make(parent.file("dev"));
  const auto authority = Identity::load({"ca", files.ca_file, parent.file("dev/ca.key"), {}}).value();
  X509_up_ref(authority->leaf());
  EVP_PKEY_up_ref(authority->key());
  const Pair ca{CertificateHandle(authority->leaf()), KeyHandle(authority->key())};
  const Pair stolen = issue(Asked{"bank", "DNS:bank.example"}, ec_key(), &ca);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.certificate.get());
  X509_STORE_CTX* check = X509_STORE_CTX_new();
  X509_STORE_CTX_init(check, store, stolen.certificate.get(), nullptr);
  EXPECT_EQ(X509_verify_cert(check), 0);
  EXPECT_EQ(X509_STORE_CTX_get_error(check), X509_V_ERR_PERMITTED_VIOLATION);
  X509_STORE_CTX_free(check);
  X509_STORE_free(store);
}

TEST(DevelopmentCertificate, folders_above_it_are_made) {
  const Folder parent;
  const DevelopmentCertificate files = make(parent.file("share/deep/dev"));
  EXPECT_EQ(::access(files.certificate_file.c_str(), R_OK), 0);
}

TEST(DevelopmentCertificate, a_folder_that_others_may_write_to_is_refused) {
  const Folder parent;
  const std::string folder = parent.file("dev");
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(folder.c_str(), 0777), 0);
  const auto open = development_certificate(folder, now);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error(), HasSubstr("others may write to it"));
  const auto nowhere = development_certificate("/proc/no/such", now);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error(), HasSubstr("cannot be made: No such file"));
}

}  // namespace
}  // namespace gatehouse::tls

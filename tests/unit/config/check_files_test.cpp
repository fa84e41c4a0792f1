#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CheckFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-files-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("c.pem", "-----BEGIN CERTIFICATE-----\n");
    write("c.key", "-----BEGIN EC PRIVATE KEY-----\n");
    ASSERT_EQ(chmod((folder_ + "/c.key").c_str(), 0600), 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }

  /// The problems of a file with a certificate of these keys, as "field: message (hint)".
  std::vector<std::string> problems(const std::string& certificate, const std::string& more = "") {
    LoadOptions options = test_options();
    options.folder = folder_;
    const auto loaded = load_text(one_listener +
                                      "    protocol: HTTPS\n    tls: { certificates: [c] }\n"
                                      "certificates: [ { name: c, " +
                                      certificate + " } ]\n" + more,
                                  "test.yaml", options);
    EXPECT_TRUE(loaded) << to_text(loaded.error());
    return loaded ? lines_of(check_files(*loaded)) : std::vector<std::string>{};
  }

  std::string folder_;
};

TEST_F(CheckFiles, files_that_are_there_are_fine) {
  EXPECT_THAT(problems("certificate_file: c.pem, private_key_file: c.key"), IsEmpty());
  EXPECT_THAT(problems("certificate_file: c.pem, private_key_command: [print-key]"), IsEmpty())
      << "found in PATH when it runs";
  EXPECT_THAT(problems("certificate_file: c.pem, private_key_file: c.key", "logs: { access: { path: access.log } }\n"),
              IsEmpty());
}

TEST_F(CheckFiles, missing_files_are_named_with_the_certificates_place) {
  const std::string hint = " (relative names start at the configuration file's folder)";
  EXPECT_THAT(problems("certificate_file: no.pem, private_key_file: no.key"),
              ElementsAre("7:17: certificates[0].certificate_file: cannot read '" + folder_ +
                              "/no.pem': No such file or directory" + hint,
                          "7:17: certificates[0].private_key_file: cannot read '" + folder_ +
                              "/no.key': No such file or directory" + hint));
  EXPECT_THAT(
      problems("certificate_file: c.pem, private_key_command: [/no/such/program]"),
      ElementsAre(
          "7:17: certificates[0].private_key_command: cannot run '/no/such/program': No such file or directory"));
  EXPECT_THAT(
      problems("certificate_file: c.pem, private_key_file: c.key", "logs: { access: { path: no/access.log } }\n"),
      ElementsAre("0:0: logs.access.path: cannot write '" + folder_ + "/no/access.log': No such file or directory"));
}

TEST_F(CheckFiles, files_of_the_wrong_kind_are_refused) {
  write("empty.pem", "");
  EXPECT_THAT(problems("certificate_file: c.key, private_key_file: c.key"),
              ElementsAre("7:17: certificates[0].certificate_file: '" + folder_ + "/c.key' holds no PEM CERTIFICATE"));
  EXPECT_THAT(problems("certificate_file: empty.pem, private_key_file: c.key"),
              ElementsAre("7:17: certificates[0].certificate_file: cannot read '" + folder_ +
                          "/empty.pem': it is empty "
                          "(relative names start at the configuration file's folder)"));
}

TEST_F(CheckFiles, the_root_of_a_static_site_is_a_folder) {
  const std::string fine = "certificate_file: c.pem, private_key_file: c.key";
  const auto with = [](const std::string& root) { return "target_groups: [ { name: s, static_site: { root: " + root + " } } ]\n"; };
  EXPECT_THAT(problems(fine, with(".")), IsEmpty());
  EXPECT_THAT(problems(fine, with("no")), ElementsAre(testing::AllOf(testing::HasSubstr("target_groups[0].static_site.root: cannot use"),
                                                                    testing::HasSubstr("No such file or directory"))));
  EXPECT_THAT(problems(fine, with("c.pem")), ElementsAre(testing::HasSubstr("Not a directory")));
}

TEST_F(CheckFiles, a_key_that_everybody_can_read_warns) {
  ASSERT_EQ(chmod((folder_ + "/c.key").c_str(), 0644), 0);
  EXPECT_THAT(problems("certificate_file: c.pem, private_key_file: c.key"),
              ElementsAre("7:17: warning: certificates[0].private_key_file: every user of the machine can read '" +
                          folder_ + "/c.key' (chmod o-r it)"));
}

}  // namespace
}  // namespace gatehouse::config

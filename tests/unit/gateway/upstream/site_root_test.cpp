#include "gateway/upstream/site_root.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace gatehouse::upstream {
namespace {

using Found = SiteRoot::Found;

class SiteRoots : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "site-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::filesystem::create_directories(folder_ / "site/sub");
    write("site/a.txt", "content");
    write("site/sub/b.txt", "below");
    write("outside.txt", "outside");
    auto root = SiteRoot::open((folder_ / "site").string());
    ASSERT_TRUE(root) << root.error();
    root_ = std::move(*root);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  void link(const std::string& to, const std::string& name) { std::filesystem::create_symlink(to, folder_ / "site" / name); }
  Found found(const char* name) const { return root_->open_file(name).found; }

  std::filesystem::path folder_;
  std::unique_ptr<SiteRoot> root_;
};

TEST_F(SiteRoots, OpenRegularFilesBelowThem) {
  const SiteRoot::Opened opened = root_->open_file("sub/b.txt");
  ASSERT_EQ(opened.found, Found::file);
  EXPECT_EQ(opened.file->size(), 5u);
  EXPECT_GT(opened.file->changed_ns(), 0);
  std::string text(16, '\0');
  ASSERT_EQ(opened.file->read_now(text, 1), 4u);
  EXPECT_EQ(text.substr(0, 4), "elow");
  EXPECT_EQ(opened.file->read_now(text, 5), 0u);
}

TEST_F(SiteRoots, TellFoldersAndWhatIsNotThere) {
  EXPECT_EQ(found(""), Found::folder);
  EXPECT_EQ(found("sub"), Found::folder);
  EXPECT_EQ(found("none"), Found::none);
  EXPECT_EQ(found("a.txt/b"), Found::none);
  EXPECT_EQ(found(std::string(300, 'x').c_str()), Found::none);
}

TEST_F(SiteRoots, FollowLinksThatStayBelowThemAndNoOthers) {
  link("sub/b.txt", "inside");
  link("../outside.txt", "out");
  link((folder_ / "outside.txt").string(), "absolute");
  link("..", "up");
  link("loop", "loop");
  link("/proc/self/root", "magic");
  EXPECT_EQ(found("inside"), Found::file);
  for (const char* name : {"out", "absolute", "up/outside.txt", "up/site/a.txt", "loop", "magic/etc/hostname", "../outside.txt", "/etc/passwd"}) {
    EXPECT_EQ(found(name), Found::none) << name;
  }
}

TEST_F(SiteRoots, LeaveAloneWhatIsNoFile) {
  ASSERT_EQ(::mkfifo((folder_ / "site/pipe").c_str(), 0644), 0);
  EXPECT_EQ(found("pipe"), Found::none);
}

TEST_F(SiteRoots, GoOnBelowAFolderThatIsMoved) {
  std::filesystem::rename(folder_ / "site", folder_ / "moved");
  EXPECT_EQ(found("a.txt"), Found::file);
}

TEST_F(SiteRoots, ReadOnAThreadOfTheirOwn) {
  runtime::Worker worker(0, 1);
  std::size_t n = 0;
  std::string text(16, '\0');
  const SiteRoot::Opened opened = root_->open_file("a.txt");
  const auto read = [&]() -> runtime::Task<> {
    n = co_await root_->read(worker, *opened.file, text, 0);
    worker.stop();
  };
  worker.spawn("read", read());
  worker.run();
  EXPECT_EQ(text.substr(0, n), "content");
}

TEST(SiteRoot, SaysWhyAFolderCannotBeUsed) {
  EXPECT_NE(SiteRoot::open("/no/such/folder").error().find("No such file"), std::string::npos);
  EXPECT_NE(SiteRoot::open("/etc/hostname").error().find("Not a directory"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::upstream

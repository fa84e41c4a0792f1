// The disk tier: what was put is found, also after a restart, unless purged, damaged or overwritten.
#include "gateway/cache/disk/disk_tier.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/unit/gateway/cache/disk/on_disk.hpp"

namespace gatehouse::cache {
namespace {

using test::content_of;
using test::Folder;
using test::OnDisk;

std::string url(std::size_t i) { return "https://a.example/o/" + std::to_string(i); }
std::string content(std::size_t i, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>(i * 131 + at * 7 + at / 251);
  return text;
}

TEST(DiskTier, gives_back_what_was_put) {
  const Folder folder;
  OnDisk disk(folder.path);
  disk.put(url(1), "hello");
  disk.put(url(2), "");
  disk.put(url(3), content(3, 300'000));
  ASSERT_TRUE(disk.settle());
  EXPECT_EQ(content_of(disk.find(url(1))), "hello");
  EXPECT_EQ(content_of(disk.find(url(2))), "");
  EXPECT_EQ(content_of(disk.find(url(3))) == content(3, 300'000), true);
  EXPECT_FALSE(disk.find(url(4)));
  const DiskStats stats = disk.tier->stats();
  EXPECT_EQ(stats.objects, 3u);
  EXPECT_EQ(stats.hits, 3u);
  EXPECT_EQ(stats.misses, 1u);
}

TEST(DiskTier, asks_which_variant_is_meant) {
  const Folder folder;
  OnDisk disk(folder.path);
  for (const std::string_view language : {"de", "fr"}) {
    ObjectSpec spec;
    spec.vary_names = "accept-language";
    spec.selector = language;
    disk.put(url(1), language, spec);
  }
  disk.settle();
  const ObjectRef found = disk.find(url(1), [](const Object& object) { return object.selector() == "de"; });
  EXPECT_EQ(content_of(found), "de");
  EXPECT_FALSE(disk.find(url(1), [](const Object& object) { return object.selector() == "en"; }));
}

TEST(DiskTier, finds_all_again_after_a_clean_end_by_reading_footers_alone) {
  const Folder folder;
  Secret secret;
  {
    OnDisk disk(folder.path);
    for (std::size_t i = 0; i < 300; ++i) disk.put(url(i), content(i, 20'000));
    disk.settle();
    secret = Volume::open(folder.path / "other").value()->secret();
  }
  OnDisk again(folder.path);
  EXPECT_EQ(again.tier->stats().log.scanned, 0u);
  EXPECT_GT(again.tier->stats().log.segments, 5u);
  for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(content_of(again.find(url(i))) == content(i, 20'000), true) << i;
  again.put(url(1), "newer");
  again.settle();
  EXPECT_EQ(content_of(again.find(url(1))), "newer");
  EXPECT_NE(Volume::open(folder.path / "third").value()->secret(), secret) << "each volume has its own";
}

TEST(DiskTier, keeps_the_secret_that_keys_are_made_with) {
  const Folder folder;
  const Secret secret = Volume::open(folder.path).value()->secret();
  EXPECT_EQ(Volume::open(folder.path).value()->secret(), secret);
}

TEST(DiskTier, lets_one_process_at_a_time_have_a_volume) {
  const Folder folder;
  const auto first = Volume::open(folder.path);
  const auto second = Volume::open(folder.path);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("another process"), std::string::npos);
}

TEST(DiskTier, does_not_find_what_was_purged_before_or_after_a_restart) {
  const Folder folder;
  {
    OnDisk disk(folder.path);
    for (std::size_t i = 0; i < 10; ++i) disk.put(url(i), "old");
    disk.settle();
    EXPECT_TRUE(disk.purge(PurgeKind::url, url(3)));
    EXPECT_FALSE(disk.find(url(3)));
    disk.put(url(3), "new");
    disk.settle();
    EXPECT_EQ(content_of(disk.find(url(3))), "new");
    EXPECT_TRUE(disk.purge(PurgeKind::url, url(4)));
  }
  OnDisk again(folder.path);
  EXPECT_EQ(content_of(again.find(url(3))), "new");
  EXPECT_FALSE(again.find(url(4)));
  EXPECT_EQ(content_of(again.find(url(5))), "old");
  again.purge(PurgeKind::host, "a.example");
  EXPECT_FALSE(again.find(url(5))) << "the numbers of purges go on behind those of before";
}

TEST(DiskTier, forgets_a_url_for_good_when_it_is_erased) {
  const Folder folder;
  {
    OnDisk disk(folder.path);
    disk.put(url(1), "x");
    EXPECT_TRUE(disk.wait(disk.tier->erase(disk.worker, test::key_of(url(1)))));
    EXPECT_FALSE(disk.find(url(1)));
    disk.put(url(2), "y");
  }
  OnDisk again(folder.path);
  EXPECT_FALSE(again.find(url(1)));
  EXPECT_TRUE(again.find(url(2)));
}

TEST(DiskTier, stays_within_its_budget_and_lets_the_oldest_go) {
  const Folder folder;
  DiskOptions options = OnDisk::small();
  options.bytes_max = 8u << 20;
  OnDisk disk(folder.path, options);
  for (std::size_t i = 0; i < 1000; ++i) {
    disk.put(url(i), content(i, 20'000));
    if (i % 100 == 99) disk.settle();
  }
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.path)) bytes += file.file_size();
  EXPECT_LE(bytes, options.bytes_max + 4096);
  EXPECT_GT(bytes, options.bytes_max * 3 / 4);
  EXPECT_FALSE(disk.find(url(0)));
  EXPECT_EQ(content_of(disk.find(url(999))) == content(999, 20'000), true);
}

TEST(DiskTier, keeps_what_is_used_when_its_segment_goes) {
  const Folder folder;
  DiskOptions options = OnDisk::small();
  options.bytes_max = 4u << 20;
  OnDisk disk(folder.path, options);
  disk.put(url(5000), "wanted");
  for (std::size_t i = 0; i < 1000; ++i) {
    disk.put(url(i), content(i, 20'000));
    if (i % 20 == 19) {
      disk.settle();
      ASSERT_TRUE(disk.find(url(5000))) << i;
    }
  }
  EXPECT_GE(disk.tier->stats().log.readmitted, 4u) << "once in four segments";
  EXPECT_FALSE(disk.find(url(0)));
}

TEST(DiskTier, misses_what_was_damaged_and_nothing_else) {
  const Folder folder;
  {
    OnDisk disk(folder.path);
    for (std::size_t i = 0; i < 20; ++i) disk.put(url(i), content(i, 10'000));
  }
  const auto file = folder.path / "segment-2";
  const int fd = ::open(file.c_str(), O_RDWR);
  char byte = 0;
  ASSERT_EQ(::pread(fd, &byte, 1, 5 * 10'500), 1);  // within the content of one of the first
  byte = static_cast<char>(byte ^ 0x10);
  ASSERT_EQ(::pwrite(fd, &byte, 1, 5 * 10'500), 1);
  ::close(fd);
  OnDisk again(folder.path);
  std::size_t missed = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const ObjectRef object = again.find(url(i));
    missed += !object;
    if (object) {
      EXPECT_EQ(content_of(object) == content(i, 10'000), true);
    }
  }
  EXPECT_EQ(missed, 1u);
  EXPECT_EQ(again.tier->stats().damaged, 1u);
}

TEST(DiskTier, scans_a_segment_that_has_no_footer_up_to_where_it_was_torn) {
  const Folder folder;
  {
    OnDisk disk(folder.path);
    for (std::size_t i = 0; i < 20; ++i) disk.put(url(i), content(i, 10'000));
    disk.purge(PurgeKind::url, url(2));
  }
  const auto file = folder.path / "segment-2";
  std::filesystem::resize_file(file, 150'000);
  {
    OnDisk again(folder.path);
    EXPECT_EQ(again.tier->stats().log.scanned, 1u);
    EXPECT_EQ(content_of(again.find(url(0))) == content(0, 10'000), true);
    EXPECT_FALSE(again.find(url(19)));
  }
  OnDisk third(folder.path);
  EXPECT_EQ(third.tier->stats().log.scanned, 0u) << "it was sealed";
  EXPECT_TRUE(third.find(url(0)));
}

TEST(DiskTier, empties_a_volume_it_does_not_understand) {
  const Folder folder;
  {
    OnDisk disk(folder.path);
    disk.put(url(1), "x");
  }
  std::ofstream(folder.path / "volume") << "something else entirely, and long enough for a head";
  OnDisk again(folder.path);
  EXPECT_EQ(again.tier->stats().objects, 0u);
  again.put(url(1), "x");
  again.settle();
  EXPECT_TRUE(again.find(url(1)));
}

TEST(DiskTier, says_why_it_cannot_open_a_folder) {
  const auto volume = Volume::open("/proc/no/such/folder");
  ASSERT_FALSE(volume);
  EXPECT_NE(volume.error().find("cannot open"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::cache

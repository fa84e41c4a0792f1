// Large objects in the disk tier: they exist when their head is written, are read page by page, and go with their oldest page.
#include "gateway/cache/disk/disk_pages.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/unit/gateway/cache/disk/on_disk.hpp"

namespace gatehouse::cache {
namespace {

using test::Folder;
using test::OnDisk;

constexpr std::string_view film = "https://a.example/film";

std::string text_of(std::size_t size, unsigned seed = 0) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>(at * 7 + at / 1021 + seed);
  return text;
}

/// As a fetch does it: content goes to disk while it arrives. Null when it is not taken.
ObjectRef begin(OnDisk& disk, std::string_view url, std::optional<std::uint64_t> length, ObjectSpec spec = {}) {
  const BodyRef body = disk.tier->begin(test::key_of(url), length);
  if (!body) return {};
  spec.epoch = disk.purges->epoch();
  const ObjectRef object = test::object_of(url, body, spec);
  disk.tier->announce(object);
  return object;
}

void fill(OnDisk& disk, const ObjectRef& object, std::string_view text) {
  const auto all = [&]() -> Task<bool> {
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 50'000))) {
      object->body()->append(text.substr(0, 50'000));
      co_await object->body()->room(disk.worker);
    }
    co_return true;
  };
  disk.wait(all());
}

void put(OnDisk& disk, std::string_view url, std::string_view text, ObjectSpec spec = {}) {
  const ObjectRef object = begin(disk, url, text.size(), spec);
  ASSERT_TRUE(object);
  fill(disk, object, text);
  object->body()->finish();
  disk.tier->complete(object);
}

struct Content {
  std::string text;
  bool whole{false};
};

/// What a reader gets of it.
Content read(OnDisk& disk, const ObjectRef& object, std::uint64_t from = 0, std::uint64_t to = Reader::to_the_end) {
  const auto all = [&]() -> Task<Content> {
    Content content;
    Reader reader(disk.worker, object->body(), from, to);
    for (;;) {
      const auto piece = co_await reader.next();
      if (!piece) co_return content;
      content.text.append(piece->bytes.data(), piece->bytes.size());
      if (piece->last) break;
    }
    content.whole = true;
    co_return content;
  };
  return disk.wait(all());
}

bool gives(OnDisk& disk, std::string_view url, std::string_view text) {
  const ObjectRef object = disk.find(url);
  if (!object) return false;
  const Content content = read(disk, object);
  return content.whole && content.text == text;
}

TEST(DiskPages, gives_back_what_went_through_also_after_a_restart) {
  const Folder folder;
  const std::string text = text_of(5'000'000);
  {
    OnDisk disk(folder.path);
    put(disk, film, text);
    disk.settle();
    EXPECT_TRUE(gives(disk, film, text));
  }
  OnDisk again(folder.path);
  EXPECT_TRUE(gives(again, film, text));
  const Content part = read(again, again.find(film), 3'000'000, 3'000'100);
  EXPECT_TRUE(part.whole && part.text == text.substr(3'000'000, 100));
  EXPECT_EQ(again.tier->stats().objects, 1u);
}

TEST(DiskPages, an_object_that_is_complete_in_memory_but_larger_than_half_a_segment_is_cut) {
  const Folder folder;
  const std::string text = text_of(3'000'000);
  OnDisk disk(folder.path);
  disk.put(film, text);
  disk.settle();
  const ObjectRef object = disk.find(film);
  ASSERT_TRUE(object);
  EXPECT_NE(object->body()->pages(), nullptr);
  EXPECT_TRUE(gives(disk, film, text));
}

TEST(DiskPages, does_not_exist_before_its_head_is_written_but_can_be_read_along) {
  const Folder folder;
  const std::string text = text_of(3'000'000);
  {
    OnDisk disk(folder.path);
    const ObjectRef object = begin(disk, film, text.size());
    fill(disk, object, std::string_view(text).substr(0, 2'000'000));
    disk.settle();
    const Match any = [](const Object&) { return true; };
    EXPECT_FALSE(disk.find(film));
    EXPECT_EQ(disk.tier->under_way(test::key_of(film), any), object);
    EXPECT_FALSE(disk.tier->under_way(test::key_of("https://a.example/other"), any));
    const Content part = read(disk, object, 0, 1'000'000);
    EXPECT_TRUE(part.whole && part.text == text.substr(0, 1'000'000));
    disk.tier->withdraw(*object);
    EXPECT_FALSE(disk.tier->under_way(test::key_of(film), any));
  }
  OnDisk again(folder.path);
  EXPECT_FALSE(again.find(film));
}

TEST(DiskPages, what_was_erased_or_purged_while_it_arrived_does_not_come_into_being) {
  const Folder folder;
  const std::string text = text_of(2'000'000);
  OnDisk disk(folder.path);
  for (const bool purged : {false, true}) {
    const ObjectRef object = begin(disk, film, text.size());
    fill(disk, object, text);
    if (purged) disk.purge(PurgeKind::url, film);
    else disk.wait(disk.tier->erase(disk.worker, test::key_of(film)));
    object->body()->finish();
    disk.tier->complete(object);
    disk.settle();
    EXPECT_FALSE(disk.find(film)) << purged;
    EXPECT_TRUE(read(disk, object).whole) << "those who read it go on";
  }
}

TEST(DiskPages, a_purge_holds_after_a_restart) {
  const Folder folder;
  const std::string text = text_of(2'000'000);
  {
    OnDisk disk(folder.path);
    const std::uint64_t tags[] = {disk.purges->hash_of("films")};
    ObjectSpec spec;
    spec.tags = tags;
    put(disk, film, text, spec);
    disk.settle();
    EXPECT_TRUE(disk.purge(PurgeKind::tag, "films"));
    EXPECT_FALSE(disk.find(film));
  }
  OnDisk again(folder.path);
  EXPECT_FALSE(again.find(film));
}

TEST(DiskPages, a_new_head_leaves_the_content_where_it_is) {
  const Folder folder;
  const std::string text = text_of(3'000'000);
  {
    OnDisk disk(folder.path);
    put(disk, film, text);
    disk.settle();
    const std::uint64_t before = disk.tier->stats().log.written;
    ObjectSpec spec;
    spec.freshness.lifetime_s = 77;
    disk.tier->put(test::object_of(film, disk.find(film)->body(), spec));
    disk.settle();
    EXPECT_LT(disk.tier->stats().log.written - before, 5000u);
  }
  OnDisk again(folder.path);
  EXPECT_EQ(again.find(film)->freshness().lifetime_s, 77u);
  EXPECT_TRUE(gives(again, film, text));
}

TEST(DiskPages, goes_with_its_oldest_page) {
  const Folder folder;
  DiskOptions options = OnDisk::small();
  options.bytes_max = 16u << 20;
  OnDisk disk(folder.path, options);
  put(disk, film, text_of(3'000'000));
  disk.settle();
  const ObjectRef object = disk.find(film);
  for (unsigned i = 0; i < 4; ++i) put(disk, "https://a.example/" + std::to_string(i), text_of(4'000'000, i));
  disk.settle();
  EXPECT_FALSE(object->body()->pages()->file().whole());
  EXPECT_FALSE(read(disk, object).whole);
  EXPECT_FALSE(disk.find(film));
  EXPECT_TRUE(gives(disk, "https://a.example/3", text_of(4'000'000, 3)));
}

TEST(DiskPages, takes_nothing_that_is_more_than_its_share) {
  const Folder folder;
  DiskOptions options = OnDisk::small();
  options.large_max = 1u << 20;
  OnDisk disk(folder.path, options);
  EXPECT_FALSE(begin(disk, film, 2u << 20)) << "known from the start";
  const ObjectRef object = begin(disk, film, std::nullopt);
  fill(disk, object, text_of((1u << 20) + 1));
  fill(disk, object, text_of(page_size));
  disk.settle();
  EXPECT_FALSE(object->body()->pages()->kept());
  disk.tier->withdraw(*object);
  EXPECT_EQ(disk.tier->stats().left_out, 1u);
}

TEST(DiskPages, a_damaged_page_ends_the_content_and_the_object) {
  const Folder folder;
  const std::string text = text_of(3'000'000);
  {
    OnDisk disk(folder.path);
    put(disk, film, text);
  }
  const auto file = folder.path / "segment-3";  // three pages fit into each
  const int fd = ::open(file.c_str(), O_RDWR);
  char byte = 0;
  ASSERT_EQ(::pread(fd, &byte, 1, 10'000), 1);
  byte = static_cast<char>(byte ^ 0x10);
  ASSERT_EQ(::pwrite(fd, &byte, 1, 10'000), 1);
  ::close(fd);
  OnDisk again(folder.path);
  const Content content = read(again, again.find(film));
  EXPECT_FALSE(content.whole);
  EXPECT_EQ(content.text == text.substr(0, 3 * page_size), true);
  EXPECT_EQ(again.tier->stats().damaged, 1u);
  EXPECT_FALSE(again.find(film));
}

TEST(DiskPages, many_readers_and_one_writer_see_the_same_bytes) {
  const Folder folder;
  const std::string text = text_of(6'000'000);
  OnDisk disk(folder.path);
  const ObjectRef object = begin(disk, film, text.size());
  std::vector<std::thread> readers;
  std::atomic<int> good{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      test::Outside outside(static_cast<unsigned>(i + 1));
      const auto all = [&]() -> Task<bool> {
        std::string got;
        Reader reader(outside.worker, object->body());
        for (bool last = false; !last;) {
          const auto piece = co_await reader.next();
          if (!piece) co_return false;
          got.append(piece->bytes.data(), piece->bytes.size());
          last = piece->last;
        }
        co_return got == text;
      };
      good += outside.wait(all());
    });
  }
  fill(disk, object, text);
  object->body()->finish();
  disk.tier->complete(object);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(good, 3);
}

}  // namespace
}  // namespace gatehouse::cache

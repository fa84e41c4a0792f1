// Records and footers as bytes: what is written is read, and what is damaged is not.
#include "gateway/cache/disk/record.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "gateway/cache/disk/crc32c.hpp"
#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

ObjectRef sample(std::string_view content = "content") {
  const std::uint64_t tags[] = {7, 8};
  ObjectSpec spec;
  spec.vary_names = "accept-encoding";
  spec.selector = "gzip";
  spec.keyed = "header x: y\n";
  spec.tags = tags;
  spec.freshness.lifetime_s = 60;
  spec.freshness.born_ms = 123;
  return test::object_of("https://shop.example/a?b", test::body_of(content), spec);
}

TEST(Crc32c, gives_the_published_result_with_and_without_the_instruction) {
  const std::string_view digits = "123456789";  // the check value of the CRC catalogue
  EXPECT_EQ(crc32c(digits), 0xe3069283u);
  EXPECT_EQ(crc32c_by_table(digits), 0xe3069283u);
  EXPECT_EQ(crc32c(digits.substr(4), crc32c(digits.substr(0, 4))), 0xe3069283u);
  const std::string zeros(32, '\0');  // RFC 3720 B.4
  EXPECT_EQ(crc32c(zeros), 0x8a9136aau);
}

TEST(DiskRecord, gives_back_the_object_it_was_made_from) {
  const ObjectRef object = sample();
  const std::string bytes = encode_object(*object, 42);
  const auto head = read_record_head(bytes, 10'000);
  ASSERT_TRUE(head);
  ASSERT_TRUE(record_is_sound(*head, bytes));
  const ObjectRef back = decode_object(*head, bytes, object->body());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key(), object->key());
  EXPECT_EQ(back->key_text(), object->key_text());
  EXPECT_EQ(back->vary_names(), object->vary_names());
  EXPECT_EQ(back->selector(), object->selector());
  EXPECT_EQ(back->keyed(), "header x: y\n");
  EXPECT_TRUE(std::ranges::equal(back->tags(), object->tags()));
  EXPECT_EQ(std::memcmp(&back->freshness(), &object->freshness(), 30), 0);
  EXPECT_EQ(back->checked().epoch, 42u);
  http::Response before, after;
  object->head_into(before);
  back->head_into(after);
  ASSERT_EQ(after.fields.all().size(), before.fields.all().size());
  for (std::size_t i = 0; i < before.fields.all().size(); ++i) {
    EXPECT_EQ(after.fields.all()[i].text(), before.fields.all()[i].text());
    EXPECT_EQ(after.fields.all()[i].kind, before.fields.all()[i].kind);
  }
}

TEST(DiskRecord, keeps_the_trailers_of_the_content) {
  const BodyRef body = Body::make(std::nullopt);
  body->append(std::string_view("content"));
  body->finish("checksum: 1\r\n");
  const ObjectRef object = test::object_of("https://shop.example/a", body);
  const std::string bytes = encode_object(*object, 42);
  const auto head = read_record_head(bytes, 10'000);
  ASSERT_TRUE(head && record_is_sound(*head, bytes));
  ASSERT_TRUE(decode_object(*head, bytes, body));
  EXPECT_EQ(trailers_of(*head, bytes), "checksum: 1\r\n");
  EXPECT_EQ(head->content_size, 7u);
}

TEST(DiskRecord, shows_every_flipped_bit_of_head_and_meta) {
  const std::string good = encode_object(*sample(), 42);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto head = read_record_head(bytes, 10'000);
    EXPECT_FALSE(head && record_is_sound(*head, bytes)) << bit;
  }
}

TEST(DiskRecord, has_a_checksum_for_each_chunk_of_content) {
  const std::string content(2 * content_chunk + 5, 'c');
  const std::string bytes = encode_object(*sample(content), 1);
  const std::string_view text = content;
  EXPECT_TRUE(chunk_is_sound(bytes, 0, text.substr(0, content_chunk)));
  EXPECT_TRUE(chunk_is_sound(bytes, 2, text.substr(2 * content_chunk)));
  EXPECT_FALSE(chunk_is_sound(bytes, 2, text.substr(0, 4)));
}

TEST(DiskRecord, is_refused_when_it_reaches_beyond_its_segment) {
  const std::string bytes = encode_object(*sample(), 1);
  const std::uint64_t room = read_record_head(bytes, 10'000)->room();
  EXPECT_TRUE(read_record_head(bytes, room));
  EXPECT_FALSE(read_record_head(bytes, room - 1));
}

TEST(DiskRecord, keeps_purges) {
  const PurgeRecord purge{1, 2, 3, PurgeKind::host, PurgeMode::hard};
  const std::string bytes = encode_purge(purge);
  const auto head = read_record_head(bytes, 10'000);
  ASSERT_TRUE(head && record_is_sound(*head, bytes));
  const auto back = decode_purge(*head, bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->hash, 1u);
  EXPECT_EQ(back->epoch, 2u);
  EXPECT_EQ(back->at_ms, 3);
  EXPECT_EQ(back->kind, PurgeKind::host);
  EXPECT_EQ(back->mode, PurgeMode::hard);
}

TEST(DiskFooter, lists_what_a_segment_holds_and_shows_every_flipped_bit) {
  SegmentContents contents;
  contents.epoch = 9;
  contents.entries = {{{1, 2}, 3, 4, 5, RecordType::object}, {{6, 7}, 0, 8, 9, RecordType::erased}};
  contents.purges = {{1, 2, 3, PurgeKind::all, PurgeMode::soft}};
  const std::string good = encode_footer(contents, 11);
  const auto back = decode_footer(good);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->epoch, 9u);
  ASSERT_EQ(back->entries.size(), 2u);
  EXPECT_EQ(back->entries[1].key, (Key{6, 7}));
  ASSERT_EQ(back->purges.size(), 1u);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_footer(bytes)) << bit;
  }
}

}  // namespace
}  // namespace gatehouse::cache

// Object: a stored response. Its head (status, fields, freshness, key, selector, tags) is packed behind it in one
// allocation and never changes; a 304 or a completed part makes a new Object that shares the body of the old one.
// References (ObjectRef) may be held by any thread; what the Store and the purge table keep in an object is theirs.
//
// Memory: 100 bytes, 4 a field, 8 a tag, and the texts themselves; a body adds 12 (docs: a test counts them).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/cache/body.hpp"
#include "gateway/cache/counted.hpp"
#include "gateway/cache/freshness.hpp"
#include "gateway/cache/key.hpp"
#include "gateway/cache/s3fifo.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

class Object;
using ObjectRef = Counted<Object>;

/// What a stored response is known by, beside its head. Views and copies; Object::make() copies what it keeps.
struct ObjectSpec {
  Key key;
  std::string_view key_text;    // the URL: scheme://authority/path?query, normalised
  std::string_view vary_names;  // canonical list of the fields that select the variant; empty without Vary
  std::string_view selector;    // their values in the request, canonical
  std::string_view keyed;       // what the key has beside the URL, for people; empty: nothing, or it is not said
  std::span<const std::uint64_t> tags;  // PurgeTable::hash_of() of each
  Freshness freshness;
  std::uint64_t epoch{0};  // PurgeTable::epoch() when the request for it was sent: later purges hit it
};

class Object : public S3Links {
 public:
  static constexpr std::size_t tags_max = 100;

  /// The fields that are not dropped, added ones included. Empty when the head exceeds what can be packed (255 fields,
  /// names of 1,023 bytes, values of 65,535).
  static ObjectRef make(const http::Response& response, const ObjectSpec& spec, BodyRef body);
  /// The same head for another body.
  static ObjectRef with_body(const Object& from, BodyRef body);
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  const Key& key() const noexcept { return key_; }
  const Freshness& freshness() const noexcept { return freshness_; }
  std::uint16_t status() const noexcept { return status_; }
  const BodyRef& body() const noexcept { return body_; }
  std::string_view key_text() const noexcept;
  std::string_view vary_names() const noexcept;
  std::string_view selector() const noexcept;
  std::string_view reason() const noexcept;
  std::string_view keyed() const noexcept;
  std::span<const std::uint64_t> tags() const noexcept;

  /// Fills in status, reason, fields and how the content is delimited. Views of this object: hold it meanwhile.
  void head_into(http::Response& out) const noexcept;

  /// Up to which purge epoch it is known to be valid, and what came of it; see PurgeTable.
  struct Checked {
    std::uint64_t epoch;
    bool soft;  // purged softly: to be treated as stale
    bool gone;
  };
  Checked checked() const noexcept;
  void set_checked(Checked checked) const noexcept;

  /// Memory it takes without its body, by the allocator's sizes; and without the allocator's rounding.
  std::size_t held() const noexcept;
  std::size_t packed_size() const noexcept;

 private:
  template <class>
  friend class Counted;
  struct Layout;

  Object(const http::Response& response, const ObjectSpec& spec, BodyRef body, const Layout& layout) noexcept;
  ~Object() = default;
  static void destroy(Object* object) noexcept;
  const char* tags_at() const noexcept;
  const char* head_at() const noexcept;
  struct Sizes {  // of texts that few objects have
    std::uint16_t vary_names;
    std::uint16_t selector;
    std::uint16_t reason;
    std::uint16_t keyed;
  };
  Sizes sizes() const noexcept;

  std::uint16_t key_size_;  // fits behind S3Links
  Key key_;
  Freshness freshness_;
  mutable std::atomic<std::uint64_t> checked_;  // epoch, and two bits below it
  BodyRef body_;
  mutable std::atomic<std::uint32_t> refs_{0};
  std::uint32_t head_size_;
  std::uint16_t status_;
  std::uint8_t field_count_;
  std::uint8_t tag_count_ : 7;
  std::uint8_t has_sizes_ : 1;
  // Behind the fields above there are four bytes up to sizeof, which the packed part begins in.
  static constexpr std::size_t packed_slack = 4;
  char packed_[];  // Sizes if any, tags, a PackedField a field, head lines, key text, vary names, selector, reason, keyed
};

}  // namespace gatehouse::cache

// Key: what a stored response is found by, a keyed 128-bit hash over the parts that tell requests apart (policy, scheme,
// authority, path, query, what the policy adds). Parts are length-prefixed, so that no two lists of parts look alike.
// Plain value; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include "gateway/cache/siphash.hpp"

namespace gatehouse::cache {

struct Key {
  std::uint64_t a{0};
  std::uint64_t b{0};
  bool operator==(const Key&) const = default;
};
static_assert(sizeof(Key) == 16 && std::is_trivially_copyable_v<Key>);

/// Takes the parts of a key one by one, for who has no array of them.
class KeyMaker {
 public:
  explicit KeyMaker(const Secret& secret) noexcept : hash_(secret, true) {}
  KeyMaker& part(std::string_view text) noexcept {
    hash_.add(text.size());
    hash_.add(text);
    return *this;
  }
  Key finish() noexcept {
    const Hash128 hash = hash_.finish_128();
    return {hash.a, hash.b};
  }

 private:
  SipHash hash_;
};

Key make_key(const Secret& secret, std::span<const std::string_view> parts) noexcept;
inline Key make_key(const Secret& secret, std::initializer_list<std::string_view> parts) noexcept {
  return make_key(secret, std::span(parts.begin(), parts.size()));
}

}  // namespace gatehouse::cache

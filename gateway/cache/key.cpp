#include "gateway/cache/key.hpp"

namespace gatehouse::cache {

Key make_key(const Secret& secret, std::span<const std::string_view> parts) noexcept {
  KeyMaker maker(secret);
  for (const std::string_view part : parts) maker.part(part);
  return maker.finish();
}

}  // namespace gatehouse::cache

// Methods: which request methods a behavior lets through (aws-cloudfront 2). Pure; any thread.
#pragma once

#include <cstdint>

#include "gateway/http/message.hpp"

namespace gatehouse::cdn {

/// A set of methods; an empty one stands for all.
class Methods {
 public:
  void insert(http::Method method) noexcept { bits_ |= bit(method); }
  bool allow(http::Method method) const noexcept { return bits_ == 0 || (bits_ & bit(method)) != 0; }

 private:
  static std::uint32_t bit(http::Method method) noexcept { return std::uint32_t{1} << static_cast<unsigned>(method); }
  std::uint32_t bits_{0};
};

}  // namespace gatehouse::cdn

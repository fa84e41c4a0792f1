// Requests made up by a generator with a seed: attacks, harmless text, and what parsers stumble over, in every part of a
// request and in every kind of content that rules look into. The same seed gives the same requests everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/modsecurity.hpp"

namespace gatehouse::differential {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) noexcept : state_(seed) {}
  peers::Request request();

 private:
  std::uint32_t below(std::uint32_t count) noexcept;
  bool one_in(std::uint32_t count) noexcept { return below(count) == 0; }
  std::string_view fragment();
  std::string value();
  std::string name();
  std::string encoded(std::string_view text);
  std::string pairs();
  std::string cookies();
  std::string json(int depth);
  std::string xml(int depth);
  std::string multipart(const std::string& boundary);
  void add_content(peers::Request& request);

  std::uint64_t state_;
};

}  // namespace gatehouse::differential

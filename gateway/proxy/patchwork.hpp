// Patchwork: a range that stored parts hold in pieces (RFC 9111 3.3, 3.4). What they lack is asked of the origin as one range,
// with If-Range, so that a representation that has changed comes whole instead; the client gets stored and fetched bytes as one
// 206. Only parts with the same strong validator are put together. Of one exchange; its worker's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/http/ranges.hpp"
#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/stored_fetch.hpp"

namespace gatehouse::proxy {

class Patchwork {
 public:
  /// What the fresh parts of the passage's URL have of the one range that it asks for; null when that is nothing, or when they
  /// are not meant (conditions, If-Range).
  static std::unique_ptr<Patchwork> find(const Passage& passage, std::int64_t now_ms);

  /// What no part has: from the first such byte to the last one, so that one range asks for it. Empty: nothing is missing.
  http::ByteRange hole() const noexcept { return hole_; }
  bool complete() const noexcept { return hole_.size() == 0; }
  /// The part that came last, whose head speaks for all.
  const cache::ObjectRef& newest() const noexcept { return newest_; }

  /// Makes a request for the range one for the hole. Texts go to `scratch`.
  void ask_for_hole(http::Request& request, exchange::Scratch& scratch) const;

  /// What an answer to that is good for.
  enum class Answer : std::uint8_t {
    fills,    // it is the hole
    instead,  // it answers the client's own request: the whole, or that there is none any more
    useless,  // it is about the hole alone, and does not fit
  };
  Answer judge(const http::Response& answer) const noexcept;

  /// Makes the head of a part that of the client's 206.
  void make_head(http::Response& head, exchange::Scratch& scratch) const;
  /// The content, with what fills the hole; null where there is none.
  std::unique_ptr<GatheredFetch> content(runtime::Worker& worker, std::unique_ptr<cache::Reader> filling) const;

 private:
  struct Placed {
    cache::ObjectRef part;
    http::ByteRange range;
  };
  bool collect(const Passage& passage, std::int64_t now_ms);
  bool place(const Passage& passage);
  void add_stored(runtime::Worker& worker, http::ByteRange range, GatheredFetch& out) const;

  std::vector<Placed> parts_;  // by where they begin
  cache::ObjectRef newest_;
  http::ByteRange wanted_;
  http::ByteRange hole_;
  std::uint64_t whole_length_{0};
};

}  // namespace gatehouse::proxy

// StaticFetch: the files of a static site in the shape of an origin's responses, so that the cache, policies, web ACLs, limits
// and logs see what they see of any origin (docs/static-site.md). Each request opens its file anew: what was deployed a moment
// ago is served, and a file that is replaced meanwhile is sent to its end as it was.
//
// Conditions and one range are answered from what the file system says (RFC 9110 13, 14). The entity tag is made of size,
// modification and change time: the last one moves with every replacement, so builds that give all files one date are told
// apart. A tag whose change is younger than the clocks of file systems can tell from the next is a weak one.
//
// Memory: one pooled buffer. One exchange, one thread.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/proxy/passage.hpp"
#include "gateway/runtime/buffers.hpp"
#include "gateway/upstream/site_root.hpp"

namespace gatehouse::proxy {

class StaticFetch final : public exchange::Fetch {
 public:
  StaticFetch(Exchange& exchange, const upstream::SiteRoot& root, const config::StaticSite& settings) noexcept
      : x_(exchange), root_(root), settings_(settings) {}

  // Whatever content the request has, it is not for us.
  Task<Try<void>> send_head(const http::Request&, std::string_view, exchange::Piece) override { return Task<Try<void>>::now(Try<void>{}); }
  Task<Try<void>> send_body(exchange::Piece, const http::FieldList*) override { return Task<Try<void>>::now(Try<void>{}); }
  Task<Try<http::Response*>> read_head(http::Method method, std::chrono::milliseconds limit) override;
  bool head_begun() const noexcept override { return false; }
  Try<exchange::Piece> body_at_hand() override;
  Task<Try<exchange::Piece>> read_body() override;
  const http::FieldList* response_trailers() const noexcept override { return nullptr; }
  exchange::Wire* splice_source(std::uint64_t&) noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  void stop_sending() noexcept override {}
  void stop_reading() noexcept override { stopped_ = true; }

 private:
  Try<void> answer();
  Try<void> answer_path();
  void send_file(upstream::SiteFile&& file, std::string_view name);
  void announce(std::uint16_t status, std::string_view name);
  void answer_conditions();
  void conditions(http::Request& out);
  http::Field made(std::string_view name, std::string_view value);
  void redirect(std::uint16_t status, std::string_view location);
  void fail(std::uint16_t status);
  void say(std::uint16_t status, std::string_view text);
  bool open_error_document(std::uint16_t status);
  void add(std::string_view name, std::string_view value);
  void add_tag(std::int64_t now_ns);
  void no_content() noexcept { at_ = end_ = 0; }
  std::span<char> room();
  Try<exchange::Piece> piece_of(std::size_t n) noexcept;

  Exchange& x_;
  const upstream::SiteRoot& root_;
  const config::StaticSite& settings_;
  http::Response& head_{x_.own_reply};
  std::optional<upstream::SiteFile> file_;
  std::string_view text_;   // in place of a file
  std::uint64_t at_{0};     // of the file's content: what is to be sent
  std::uint64_t end_{0};
  runtime::Buffer buffer_;
  bool stopped_{false};
};

}  // namespace gatehouse::proxy

#include "gateway/proxy/static_fetch.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/cache/partial.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/http/content_type.hpp"
#include "gateway/http/date.hpp"
#include "gateway/http/field_line.hpp"
#include "gateway/http/file_path.hpp"
#include "gateway/http/status.hpp"

namespace gatehouse::proxy {

using exchange::Piece;
using upstream::SiteRoot;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
/// Changes that are closer to each other may have the same times: file systems take them from a clock that ticks.
constexpr std::int64_t clock_tick_ns = 50'000'000;
constexpr std::size_t path_max = 4096;  // the kernel's

/// A text that ends with a zero, for the kernel.
class Name {
 public:
  explicit Name(exchange::Scratch& scratch, std::size_t size) : room_(scratch.take(size + 1)) {}
  std::span<char> room() const noexcept { return room_.first(room_.size() - 1); }
  const char* c_str(std::size_t size) const noexcept {
    room_[size] = 0;
    return room_.data();
  }

 private:
  std::span<char> room_;
};

}  // namespace

Task<Try<http::Response*>> StaticFetch::read_head(http::Method, std::chrono::milliseconds) {
  head_.fields.clear();
  head_.version_minor = 1;
  const Try<void> answered = answer();
  if (!answered) return Task<Try<http::Response*>>::now(Failure{answered.error()});
  return Task<Try<http::Response*>>::now(&head_);
}

Try<void> StaticFetch::answer() {
  const http::Request& request = x_.request;
  if (settings_.redirect_all_requests_to) {
    const config::RedirectAllRequestsTo& to = *settings_.redirect_all_requests_to;
    const std::string_view scheme = to.protocol == config::SiteProtocol::https ? "https://" : "http://";
    redirect(301, x_.scratch.join(scheme, to.host_name, request.path, request.has_query ? "?" : "", request.query));
    return {};
  }
  if (request.method != http::Method::get && request.method != http::Method::head) {
    say(405, "Method Not Allowed\n");
    add("allow", "GET, HEAD");  // RFC 9110 15.5.6
    return {};
  }
  return answer_path();
}

Try<void> StaticFetch::answer_path() {
  const http::Request& request = x_.request;
  const std::string& index = settings_.index_document;
  if (request.path.size() + index.size() + 1 > path_max) {
    fail(404);
    return {};
  }
  const Name name(x_.scratch, request.path.size() + index.size() + 1);
  const auto path = http::file_path(request.path, settings_.hidden_files, name.room());
  if (!path) {
    fail(404);
    return {};
  }
  std::size_t size = path->name.size();
  const auto add_index = [&] {
    if (size != 0) name.room()[size++] = '/';
    size += index.copy(name.room().data() + size, index.size());
  };
  if (path->folder) add_index();
  SiteRoot::Opened opened = root_.open_file(name.c_str(size));
  if (opened.found == SiteRoot::Found::folder && !path->folder) {
    add_index();
    opened = root_.open_file(name.c_str(size));
    if (opened.found == SiteRoot::Found::file) {
      redirect(302, x_.scratch.join(request.path, "/", request.has_query ? "?" : "", request.query));
      return {};
    }
  }
  switch (opened.found) {
    case SiteRoot::Found::file: send_file(std::move(*opened.file), {name.c_str(size), size}); break;
    case SiteRoot::Found::forbidden: fail(403); break;
    case SiteRoot::Found::trouble: return Failure{exchange::fault_of(Errc::internal)};
    case SiteRoot::Found::folder:
    case SiteRoot::Found::none: fail(404); break;
  }
  return {};
}

void StaticFetch::send_file(upstream::SiteFile&& file, std::string_view name) {
  const auto now_ns = static_cast<std::int64_t>(x_.worker.clock().wall_ns());
  file_.emplace(std::move(file));
  end_ = file_->size();
  announce(200, name);
  const std::span<char> room = x_.scratch.take(http::date_size);
  // RFC 9110 8.8.2.1: never later than the response itself.
  http::write_date(std::min(file_->modified_ns(), now_ns) / second_ns, room.first<http::date_size>());
  add("last-modified", {room.data(), room.size()});
  add_tag(now_ns);
  add("accept-ranges", "bytes");
  answer_conditions();
}

void StaticFetch::add_tag(std::int64_t now_ns) {
  const std::span<char> room = x_.scratch.take(64);
  char* at = room.data();
  char* const end = at + room.size();
  const auto hex = [&](std::int64_t number) {
    at = std::to_chars(at, end, static_cast<std::uint64_t>(number), 16).ptr;
  };
  // It may change once more without its times showing it (RFC 9110 8.8.1).
  if (now_ns - file_->changed_ns() < clock_tick_ns) at = std::copy_n("W/", 2, at);
  *at++ = '"';
  hex(static_cast<std::int64_t>(file_->size()));
  *at++ = '-';
  hex(file_->modified_ns());
  *at++ = '-';
  hex(file_->changed_ns());
  *at++ = '"';
  add("etag", {room.data(), at});
}

/// What is asked of the response, as an origin would get it: what was dropped on the way counts no more, what the cache asks for
/// itself counts as well.
void StaticFetch::conditions(http::Request& out) {
  constexpr http::FieldKinds wanted(http::FieldKind::if_match, http::FieldKind::if_none_match, http::FieldKind::if_modified_since,
                                    http::FieldKind::if_unmodified_since, http::FieldKind::if_range, http::FieldKind::range);
  out.method = x_.request.method;
  for (const http::Field& field : x_.request.fields.all()) {
    if (!field.dropped && wanted.has(field.kind)) out.fields.push(field);
  }
  for (const http::AddedField& added : x_.request.fields.added()) {
    if (wanted.has(http::field_kind(added.name))) out.fields.push(made(added.name, added.value));
  }
}

void StaticFetch::answer_conditions() {
  const auto now_ms = static_cast<std::int64_t>(x_.worker.clock().wall_ns() / 1'000'000);
  // A Last-Modified is strong when it lies a second back (RFC 9110 8.8.2.2): Date tells.
  const std::span<char> date = x_.scratch.take(http::date_size);
  http::write_date(now_ms / 1000, date.first<http::date_size>());
  add("date", {date.data(), date.size()});
  http::Request asked;
  conditions(asked);
  const cache::Evaluated evaluated = cache::evaluate(asked, head_, now_ms);
  if (evaluated.outcome == cache::Precondition::not_modified) {
    cache::make_not_modified(head_);
    return no_content();
  }
  if (evaluated.outcome == cache::Precondition::failed) return fail(412);
  if (!evaluated.use_range) return;
  const cache::Cut cut = cache::cut(asked, end_);
  const std::span<char> room = x_.scratch.take(http::content_range_size);
  const std::span<char, http::content_range_size> text(room.data(), http::content_range_size);
  if (cut.answer == cache::RangeAnswer::unsatisfiable) {
    add("content-range", cache::make_unsatisfiable(head_, end_, text));
    return no_content();
  }
  if (cut.answer != cache::RangeAnswer::one_part) return;  // the whole, as for a server that knows no ranges
  const http::ByteRange range = cut.ranges.ranges[0];
  add("content-range", cache::make_partial(head_, {range, end_}, text));
  at_ = range.first;
  end_ = range.end;
}

void StaticFetch::redirect(std::uint16_t status, std::string_view location) {
  say(status, {});
  add("location", location);
}

/// An error's page, or a short text.
void StaticFetch::fail(std::uint16_t status) {
  file_.reset();
  head_.fields.clear();
  if (status == 412 || !open_error_document(status)) {
    say(status, status == 403 ? "Forbidden\n" : status == 412 ? "Precondition Failed\n" : "Not Found\n");
  }
}

bool StaticFetch::open_error_document(std::uint16_t status) {
  if (settings_.error_document.empty()) return false;
  SiteRoot::Opened opened = root_.open_file(settings_.error_document.c_str());
  if (opened.found != SiteRoot::Found::file) return false;
  file_.emplace(std::move(*opened.file));
  at_ = 0;
  end_ = file_->size();
  announce(status, settings_.error_document);
  return true;
}

/// The head of the whole file.
void StaticFetch::announce(std::uint16_t status, std::string_view name) {
  head_.status = status;
  head_.reason = http::status_reason(status);
  head_.body = {http::BodyKind::counted, end_};
  add("content-type", http::content_type_of(name));
  char digits[20];
  add("content-length", {digits, std::to_chars(digits, digits + sizeof digits, end_).ptr});
}

void StaticFetch::say(std::uint16_t status, std::string_view text) {
  text_ = text;
  head_.status = status;
  head_.reason = http::status_reason(status);
  head_.body = {http::BodyKind::counted, text.size()};
  if (!text.empty()) add("content-type", "text/plain; charset=utf-8");
}

/// Adds a field as one that was received: the cache and the web ACL look at those.
void StaticFetch::add(std::string_view name, std::string_view value) { head_.fields.push(made(name, value)); }

http::Field StaticFetch::made(std::string_view name, std::string_view value) {
  return http::field_of_line(x_.scratch.join(name, ": ", value, "\r\n"), name.size());
}

/// Where the next piece is read to.
std::span<char> StaticFetch::room() {
  const std::uint64_t left = end_ - at_;
  if (!buffer_) buffer_ = left <= runtime::BufferPool::small ? x_.worker.buffers().take_small() : x_.worker.buffers().take_large();
  return buffer_.all().first(static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size())));
}

/// The bytes that were read. A file that has become shorter ends the exchange: its length was announced.
Try<Piece> StaticFetch::piece_of(std::size_t n) noexcept {
  if (n == 0) return Failure{exchange::fault_of(Errc::origin_body_short)};
  at_ += n;
  return Piece{buffer_.all().first(n), at_ == end_};
}

Try<Piece> StaticFetch::body_at_hand() {
  if (x_.request.method == http::Method::head) return Piece{{}, true};
  if (!file_) return Piece{text_, true};
  if (at_ == end_) return Piece{{}, true};
  const std::optional<std::size_t> n = file_->read_now(room(), at_);
  return n ? piece_of(*n) : Try<Piece>(Piece{});
}

Task<Try<Piece>> StaticFetch::read_body() {
  const std::span<char> space = room();
  std::optional<std::size_t> n = file_->read_now(space, at_);
  if (!n) n = co_await root_.read(x_.worker, *file_, space, at_);
  if (stopped_) co_return Failure{exchange::fault_of(Errc::none)};
  co_return piece_of(*n);
}

}  // namespace gatehouse::proxy

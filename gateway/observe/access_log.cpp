#include "gateway/observe/access_log.hpp"

#include <charconv>
#include <cstring>

#include "gateway/observe/json_text.hpp"
#include "gateway/observe/time_text.hpp"

namespace gatehouse::observe {
namespace {

constexpr std::size_t header_value_max = 1024;
/// All names, quotes, numbers and the time, and the 16 bytes that the last json_escape() may touch beyond its text.
constexpr std::size_t fixed_size_max = 1024;

/// Writes the members of one line. Room was made sure of before.
class Line {
 public:
  explicit Line(char* out) noexcept : begin_(out), out_(out) {}

  template <std::size_t N>
  void raw(const char (&text)[N]) noexcept {
    std::memcpy(out_, text, N - 1);
    out_ += N - 1;
  }
  /// A member that is always there: null when unknown. The name carries its comma, quotes and colon.
  template <std::size_t N>
  void text(const char (&name)[N], std::string_view value) noexcept {
    raw(name);
    if (value.empty()) return raw("null");
    quoted(value);
  }
  /// A member that is left out when unknown.
  template <std::size_t N>
  void text_if_known(const char (&name)[N], std::string_view value) noexcept {
    if (!value.empty()) text(name, value);
  }
  template <std::size_t N>
  void number(const char (&name)[N], std::uint64_t value) noexcept {
    raw(name);
    out_ = std::to_chars(out_, out_ + 20, value).ptr;
  }
  template <std::size_t N>
  void number_or_null(const char (&name)[N], std::uint64_t value, bool known) noexcept {
    if (known) return number(name, value);
    raw(name);
    raw("null");
  }
  void path(const AccessRecord& record) noexcept {
    if (record.path.empty() && !record.has_query) return raw(",\"path\":null");
    raw(",\"path\":\"");
    out_ = json_escape(out_, record.path);
    if (record.has_query) {
      *out_++ = '?';
      out_ = json_escape(out_, record.query);
    }
    *out_++ = '"';
  }

  char* position() const noexcept { return out_; }
  void move_to(char* out) noexcept { out_ = out; }
  std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(out_ - begin_); }

 private:
  void quoted(std::string_view value) noexcept {
    *out_++ = '"';
    out_ = json_escape(out_, value);
    *out_++ = '"';
  }

  char* begin_;
  char* out_;
};

/// Applies a function to every text of the record and adds up what it says.
template <class F>
std::size_t sum_texts(const AccessRecord& r, F&& size) noexcept {
  return size(r.request_id) + size(r.client) + size(r.listener) + size(r.method) + size(r.host) + size(r.path) +
         size(r.query) + size(r.route) + size(r.target_group) + size(r.endpoint) + size(r.region) + size(r.cache) +
         size(r.waf_action) + size(r.reason) + size(r.protocol) + size(r.user_agent.substr(0, header_value_max)) +
         size(r.referer.substr(0, header_value_max)) + size(r.tls_version) + size(r.tls_cipher) + size(r.server_name);
}

}  // namespace

char* AccessLog::put_time(char* out, std::uint64_t wall_ns) noexcept {
  const std::uint64_t second = wall_ns / 1'000'000'000u;
  if (second != second_) {
    *put_date_time(second_text_, second) = '.';
    second_ = second;
  }
  std::memcpy(out, second_text_, sizeof second_text_);
  out += sizeof second_text_;
  const auto micros = static_cast<unsigned>(wall_ns % 1'000'000'000u / 1000);
  return put_two(put_two(put_two(out, micros / 10'000), micros / 100 % 100), micros % 100);
}

void AccessLog::write(const AccessRecord& record) noexcept {
  // The bound is cheap and asks for too much; the exact size is worth its cost only when the ring is nearly full.
  const std::size_t bound = fixed_size_max + 6 * sum_texts(record, [](std::string_view text) { return text.size(); });
  if (ring_.room(bound) < bound) [[unlikely]] {
    const std::size_t exact = fixed_size_max + sum_texts(record, &json_escaped_size);
    if (ring_.room(exact) < exact) return ring_.drop();
  }
  Line line(ring_.space());
  line.raw("{\"time\":\"");
  line.move_to(put_time(line.position(), record.wall_ns));
  line.raw("Z\"");
  line.text(",\"request_id\":", record.request_id);
  line.text(",\"client\":", record.client);
  line.text(",\"listener\":", record.listener);
  line.text(",\"method\":", record.method);
  line.text(",\"host\":", record.host);
  line.path(record);
  line.number_or_null(",\"status\":", record.status, record.status != 0);
  line.number(",\"bytes_in\":", record.bytes_in);
  line.number(",\"bytes_out\":", record.bytes_out);
  line.text(",\"route\":", record.route);
  line.text(",\"target_group\":", record.target_group);
  line.text(",\"endpoint\":", record.endpoint);
  line.text(",\"region\":", record.region);
  line.number(",\"retries\":", record.retries);
  line.text(",\"cache\":", record.cache);
  line.text(",\"waf_action\":", record.waf_action);
  line.text(",\"reason\":", record.reason);
  line.number(",\"duration_us\":", record.duration_ns / 1000);
  line.number_or_null(",\"origin_us\":", record.origin_ns / 1000, record.origin_ns != AccessRecord::unknown);
  line.text_if_known(",\"protocol\":", record.protocol);
  line.text_if_known(",\"user_agent\":", record.user_agent.substr(0, header_value_max));
  line.text_if_known(",\"referer\":", record.referer.substr(0, header_value_max));
  line.text_if_known(",\"tls_version\":", record.tls_version);
  line.text_if_known(",\"tls_cipher\":", record.tls_cipher);
  line.text_if_known(",\"server_name\":", record.server_name);
  line.raw("}\n");
  ring_.commit(line.size());
}

}  // namespace gatehouse::observe

#include "gateway/observe/json_text.hpp"

#include <emmintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace gatehouse::observe {
namespace {

constexpr char hex[] = "0123456789abcdef";

bool is_clean(unsigned char c) noexcept { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

bool continues(unsigned char c) noexcept { return (c & 0xc0) == 0x80; }

/// The length of the well-formed UTF-8 sequence of two to four bytes at the start of `text`, or 0 (Unicode, table 3-7:
/// no overlong form, no surrogate, nothing above U+10FFFF).
std::size_t sequence_length(const unsigned char* text, std::size_t size) noexcept {
  const unsigned char first = text[0];
  if (size < 2 || !continues(text[1]) || first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  if (size < 3 || !continues(text[2])) return 0;
  if (first < 0xf0) {
    const bool overlong = first == 0xe0 && text[1] < 0xa0;
    const bool surrogate = first == 0xed && text[1] > 0x9f;
    return overlong || surrogate ? 0 : 3;
  }
  if (size < 4 || !continues(text[3])) return 0;
  const bool overlong = first == 0xf0 && text[1] < 0x90;
  const bool too_high = first == 0xf4 && text[1] > 0x8f;
  return overlong || too_high ? 0 : 4;
}

char* put_unicode(char* out, unsigned point) noexcept {
  out[0] = '\\';
  out[1] = 'u';
  out[2] = hex[point >> 12 & 15];
  out[3] = hex[point >> 8 & 15];
  out[4] = hex[point >> 4 & 15];
  out[5] = hex[point & 15];
  return out + 6;
}

/// One byte below 0x80 that is not clean.
char* put_ascii(char* out, unsigned char c) noexcept {
  char short_form = 0;
  switch (c) {
    case '"': case '\\': short_form = static_cast<char>(c); break;
    case '\n': short_form = 'n'; break;
    case '\r': short_form = 'r'; break;
    case '\t': short_form = 't'; break;
    default: return put_unicode(out, c);
  }
  out[0] = '\\';
  out[1] = short_form;
  return out + 2;
}

/// One character that is not clean. Moves `at` past it.
char* put_unclean(char* out, const unsigned char* text, std::size_t size, std::size_t& at) noexcept {
  const unsigned char* here = text + at;
  if (*here < 0x80) {
    ++at;
    return put_ascii(out, *here);
  }
  const std::size_t length = sequence_length(here, size - at);
  if (length == 0) {
    ++at;
    std::memcpy(out, "\xef\xbf\xbd", 3);
    return out + 3;
  }
  at += length;
  if (here[0] == 0xc2 && here[1] < 0xa0) return put_unicode(out, here[1]);  // C1: 0x9b begins a terminal's command
  if (here[0] == 0xe2 && here[1] == 0x80 && here[2] >= 0xa8 && here[2] <= 0xae) {
    return put_unicode(out, 0x2000u | (here[2] & 0x3fu));  // U+2028 to U+202E
  }
  std::memcpy(out, here, length);
  return out + length;
}

/// Which of 16 bytes are not clean, as a bit mask.
unsigned unclean_mask(__m128i bytes) noexcept {
  // Signed: finds the controls below 0x20 and everything from 0x80 up at once.
  const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, quote), _mm_or_si128(slash, del))));
}

/// Copies a rest of 4 to 15 clean bytes as two halves that overlap; false when something in it must be escaped. Most
/// values of a log line are this short.
bool copy_clean_rest(char* out, const unsigned char* text, std::size_t size) noexcept {
  std::uint64_t halves[2]{};
  const std::size_t half = size >= 8 ? 8 : 4;
  if (half == 8) {
    std::memcpy(&halves[0], text, 8);
    std::memcpy(&halves[1], text + size - 8, 8);
  } else {
    std::memcpy(&halves[0], text, 4);
    std::memcpy(reinterpret_cast<char*>(&halves[0]) + 4, text + size - 4, 4);
    halves[1] = halves[0];
  }
  if (unclean_mask(_mm_set_epi64x(static_cast<long long>(halves[1]), static_cast<long long>(halves[0]))) != 0) return false;
  if (half == 8) {
    std::memcpy(out, &halves[0], 8);
    std::memcpy(out + size - 8, &halves[1], 8);
  } else {
    std::memcpy(out, &halves[0], 4);
    std::memcpy(out + size - 4, reinterpret_cast<char*>(&halves[0]) + 4, 4);
  }
  return true;
}

}  // namespace

char* json_escape(char* out, std::string_view view) noexcept {
  const auto* text = reinterpret_cast<const unsigned char*>(view.data());
  const std::size_t size = view.size();
  std::size_t at = 0;
  while (at + 16 <= size) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const unsigned mask = unclean_mask(bytes);
    if (mask == 0) [[likely]] {
      at += 16;
      out += 16;
      continue;
    }
    const auto clean = static_cast<unsigned>(std::countr_zero(mask));
    at += clean;
    out = put_unclean(out + clean, text, size, at);
  }
  if (size - at >= 4 && copy_clean_rest(out, text + at, size - at)) return out + (size - at);
  while (at < size) {
    if (is_clean(text[at])) {
      *out++ = static_cast<char>(text[at++]);
    } else {
      out = put_unclean(out, text, size, at);
    }
  }
  return out;
}

std::size_t json_escaped_size(std::string_view view) noexcept {
  const auto* text = reinterpret_cast<const unsigned char*>(view.data());
  std::size_t size = 0;
  std::size_t at = 0;
  char scratch[8];
  while (at < view.size()) {
    if (is_clean(text[at])) {
      ++at;
      ++size;
    } else {
      size += static_cast<std::size_t>(put_unclean(scratch, text, view.size(), at) - scratch);
    }
  }
  return size;
}

void append_json_string(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize(before + json_escape_bound(text.size()) + 2);
  char* const begin = out.data() + before;
  *begin = '"';
  char* end = json_escape(begin + 1, text);
  *end++ = '"';
  out.resize(before + static_cast<std::size_t>(end - begin));
}

}  // namespace gatehouse::observe

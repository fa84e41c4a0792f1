// Where runs of bytes end, sixteen a step with SSE2 (part of every x86-64) and one by one elsewhere: the inner loops of the
// head scanners. Each returns `e` when the run reaches it. Pure; nothing outside [p, e) is
// read, but where a function says so.
#pragma once

#include "gateway/http/token.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::http1 {

#if defined(__SSE2__)
inline __m128i load_16(const char* p) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline __m128i all_16(char c) noexcept { return _mm_set1_epi8(c); }
inline unsigned mask_16(__m128i bytes) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }
#endif

#if defined(__SSE2__)
/// The control bytes but tab among sixteen.
inline unsigned controls_16(const char* p) noexcept {
  const __m128i bytes = load_16(p);
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, all_16(0x1f)), bytes);
  return mask_16(_mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, all_16('\t')), low), _mm_cmpeq_epi8(bytes, all_16(0x7f))));
}
#endif

/// The first control byte but tab: where a field's value stops (RFC 9110 5.5). The bytes from `begin` on may be read too.
inline const char* value_end(const char* p, const char* e, [[maybe_unused]] const char* begin) noexcept {
#if defined(__SSE2__)
  for (; e - p >= 16; p += 16) {
    if (const unsigned found = controls_16(p)) return p + __builtin_ctz(found);
  }
  if (p != e && e - begin >= 16) {
    // The last bytes together with some before them, which are shifted out again.
    const unsigned found = controls_16(e - 16) >> (16 - (e - p));
    return found != 0 ? p + __builtin_ctz(found) : e;
  }
#endif
  for (; p != e; ++p) {
    const auto c = static_cast<unsigned char>(*p);
    if ((c < 0x20 && c != '\t') || c == 0x7f) return p;
  }
  return p;
}

#if defined(__SSE2__)
/// Letters, digits and '-' among sixteen: nearly all that names are made of. The compares are signed, so bytes from 0x80 on
/// are below every bound.
inline unsigned usual_name_16(const char* p) noexcept {
  const __m128i bytes = load_16(p);
  const __m128i folded = _mm_or_si128(bytes, all_16(0x20));
  const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(folded, all_16('a' - 1)), _mm_cmplt_epi8(folded, all_16('z' + 1)));
  const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, all_16('0' - 1)), _mm_cmplt_epi8(bytes, all_16('9' + 1)));
  return mask_16(_mm_or_si128(_mm_or_si128(letter, digit), _mm_cmpeq_epi8(bytes, all_16('-'))));
}
#endif

/// The first byte that is not part of a token (RFC 9110 5.6.2).
inline const char* token_end(const char* p, const char* e) noexcept {
#if defined(__SSE2__)
  for (; e - p >= 16; p += 16) {  // what else a token may have is left to the table
    if (const unsigned found = usual_name_16(p) ^ 0xffff) {
      p += __builtin_ctz(found);
      break;
    }
  }
#endif
  while (p != e && http::is_char(*p, http::char_token)) ++p;
  return p;
}

/// The first byte that is not visible ASCII.
inline const char* visible_end(const char* p, const char* e) noexcept {
#if defined(__SSE2__)
  for (; e - p >= 16; p += 16) {
    const __m128i bytes = load_16(p);
    const __m128i stop = _mm_or_si128(_mm_cmplt_epi8(bytes, all_16(0x21)), _mm_cmpeq_epi8(bytes, all_16(0x7f)));
    if (const unsigned found = mask_16(stop)) return p + __builtin_ctz(found);
  }
#endif
  while (p != e && static_cast<unsigned char>(*p) > 0x20 && static_cast<unsigned char>(*p) < 0x7f) ++p;
  return p;
}

}  // namespace gatehouse::http1

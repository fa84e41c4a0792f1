// Structured fields: views stay inside the text, what was accepted can be walked to its end, and strings survive a round trip.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/http/structured_field.hpp"

using namespace gatehouse::http;

namespace {

void check(bool good) {
  if (!good) std::abort();
}

void check_inside(std::string_view whole, std::string_view part) {
  check(part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

void check_string(const SfItem& item) {
  std::string plain(item.text.size(), '\0'), again(2 * item.text.size() + 2, '\0');
  plain.resize(unescape_sf_string(item, plain));
  again.resize(write_sf_string(plain, again));
  SfItem reread;
  check(parse_sf_item(again, reread) && reread.is(SfType::string) && reread.text == item.text);
}

void check_item(std::string_view whole, const SfItem& item) {
  check_inside(whole, item.text);
  check_inside(whole, item.parameters);
  std::size_t semicolons = 0;
  for (SfParameters parameters(item.parameters); parameters.next(); ++semicolons) check_inside(whole, parameters.key());
  check(item.parameters.empty() == (semicolons == 0));
  if (item.is(SfType::string)) check_string(item);
  if (item.is(SfType::display_string)) {
    std::string plain(item.text.size(), '\0');
    check(unescape_sf_string(item, plain) <= item.text.size());
  }
  if (item.is(SfType::bytes)) {
    std::string bytes(item.text.size(), '\0');
    check(decode_sf_bytes(item, bytes) <= item.text.size() * 3 / 4);
  }
  if (!item.is(SfType::inner_list)) return;
  for (SfInnerItems inner(item.text); inner.next();) check_item(whole, inner.item());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  SfItem item;
  const bool single = parse_sf_item(text, item);
  if (single) check_item(text, item);

  std::size_t members = 0;
  SfList list(text);
  for (; list.next(); ++members) check_item(text, list.item());
  check(list.broken() != valid_sf_list(text));
  if (single) check(!list.broken() && members == 1);

  SfDictionary dictionary(text);
  while (dictionary.next()) {
    check_inside(text, dictionary.key());
    check_item(text, dictionary.item());
  }
  check(dictionary.broken() != valid_sf_dictionary(text));
  return 0;
}

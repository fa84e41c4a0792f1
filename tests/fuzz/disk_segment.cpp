// A segment of the disk cache with damage anywhere: bytes are overwritten, bits flipped, the file cut. Whatever is then
// scanned, listed or loaded must be an object that was written, whole, or nothing; and so must each page of a large one.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "gateway/cache/disk/load.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::cache;

constexpr std::uint32_t sequence = 7;
constexpr std::size_t objects = 6;
constexpr std::size_t large = objects;  // the number of one whose content is in pages
constexpr std::uint64_t generation = 5;

std::string content(std::size_t number) {
  if (number == large) return std::string(page_size, 'L') + std::string(5000, 'M');
  return std::string(number * number * 3000, static_cast<char>('a' + number));
}
std::string url(std::size_t number) { return "http://a/" + std::to_string(number); }

ObjectRef make_object(std::size_t number) {
  const std::string text = content(number);
  BodyRef body = Body::make(text.size());
  if (!text.empty()) {
    body->append(text);
    body->finish();
  }
  const std::uint64_t tags[] = {number, 2, 3};
  http::Response response;
  response.status = 200;
  const std::string line = "etag: \"" + std::to_string(number) + "\"\r\n";
  http::Field field{line.data(), static_cast<std::uint32_t>(line.size() - 8), 4, 6, http::FieldKind::etag, true, false};
  response.fields.push(field);
  const std::string key_text = url(number);
  ObjectSpec spec;
  spec.key = make_key({1, 2}, {key_text});
  spec.key_text = key_text;
  spec.tags = tags;
  return Object::make(response, spec, std::move(body));
}

/// A sealed segment with a few objects, a large one and a purge. `beginnings`: where its records are.
std::string make_segment(std::vector<std::size_t>& beginnings) {
  const SegmentHead head = make_segment_head(sequence, 1);
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  SegmentContents contents;
  const auto pad = [&] { bytes.resize((bytes.size() + record_alignment - 1) / record_alignment * record_alignment); };
  for (std::size_t i = 0; i < objects; ++i) {
    const ObjectRef object = make_object(i);
    const std::size_t at = beginnings.emplace_back(bytes.size());
    bytes += encode_object(*object, 1) + content(i);
    pad();
    contents.entries.push_back({object->key(), variant_hash(*object), static_cast<std::uint32_t>(at / record_alignment),
                                static_cast<std::uint32_t>((bytes.size() - at) / record_alignment), RecordType::object});
  }
  PageList pages{generation, {}};
  const std::string text = content(large);
  const Key key = make_object(large)->key();
  for (std::size_t at = 0; at < text.size(); at += page_size) {
    const std::string page = text.substr(at, page_size);
    const auto number = static_cast<std::uint32_t>(pages.places.size());
    pages.places.push_back({sequence, static_cast<std::uint32_t>(bytes.size() / record_alignment)});
    beginnings.push_back(bytes.size());
    bytes += encode_page({key, generation, number}, page) + page;
    pad();
  }
  contents.entries.push_back({key, variant_hash(*make_object(large)), static_cast<std::uint32_t>(bytes.size() / record_alignment), 8,
                              RecordType::paged});
  beginnings.push_back(bytes.size());
  bytes += encode_object(*make_object(large), 1, &pages);
  pad();
  const PurgeRecord purge{1, 2, 3, PurgeKind::host, PurgeMode::hard};
  bytes += encode_purge(purge);
  pad();
  contents.purges.push_back(purge);
  return bytes + encode_footer(contents, sequence);
}

void check_pages(const Segment& segment, const Object& seen, const StoredPages& stored) {
  const std::string text = content(large);
  if (stored.length != text.size()) std::abort();
  for (std::uint32_t number = 0; number < stored.list.places.size(); ++number) {
    const std::string wanted = text.substr(number * page_size, page_size);
    Page page(number);
    const PageId id{seen.key(), stored.list.generation, number};
    if (!load_page(segment, stored.list.places[number].offset, id, page, wanted.size())) continue;
    if (std::string_view(page.data(), wanted.size()) != wanted) std::abort();
  }
}

void check(const Segment& segment, const FooterEntry& entry) {
  const Match any = [](const Object&) { return true; };
  const PagedBody pages = [&](const Object& seen, const StoredPages& stored) {
    check_pages(segment, seen, stored);
    return Body::make(0);
  };
  const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{entry.room} * record_alignment, 1u << 20));
  const Loaded loaded = load_object(segment, {sequence, entry.offset, size}, {entry.key, any, pages});
  if (!loaded.object) return;
  const std::size_t number = static_cast<std::size_t>(std::atoi(std::string(loaded.object->key_text()).c_str() + 9));
  if (loaded.object->key_text() != url(number)) std::abort();
  if (number == large) return;
  std::string text;
  for (const auto piece : loaded.object->body()->pieces()) text.append(piece.data(), piece.size());
  if (text != content(number)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::vector<std::size_t> beginnings;
  static const std::string good = make_segment(beginnings);
  std::string bytes = good;
  // Each five bytes: where, and what to do there.
  for (; size >= 5; data += 5, size -= 5) {
    std::uint32_t where;
    std::memcpy(&where, data, 4);
    if (bytes.empty()) break;
    // Half of all damage goes to heads and footer entries.
    const std::size_t head = beginnings[where / 512 % beginnings.size()] + where / 2 % 256;
    const std::size_t at = (where % 2 != 0 ? where / 2 : head) % bytes.size();
    if (data[4] < 8) bytes[at] = static_cast<char>(bytes[at] ^ (1 << data[4]));
    else if (data[4] == 255) bytes.resize(at);
    else bytes[where % 2 != 0 ? bytes.size() - 1 - at % std::min<std::size_t>(bytes.size(), 512) : at] = static_cast<char>(data[4]);
  }
  const int fd = ::memfd_create("segment", 0);
  const Segment segment(sequence, fd);
  if (!segment.write(bytes, 0)) std::abort();
  std::uint64_t end = 0;
  const SegmentContents scanned = scan_segment(segment, end);
  if (end > bytes.size()) std::abort();
  for (const FooterEntry& entry : scanned.entries) check(segment, entry);
  if (const auto listed = read_footer(segment)) {
    for (const FooterEntry& entry : listed->entries) check(segment, entry);
  }
  return 0;
}

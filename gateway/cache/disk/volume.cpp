#include "gateway/cache/disk/volume.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "gateway/cache/disk/crc32c.hpp"
#include "gateway/cache/disk/disk_index.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::uint64_t volume_magic = 0x454d554c4f564847;  // "GHVOLUME"
constexpr std::string_view segment_prefix = "segment-";
constexpr mode_t private_file = 0600;  // stored responses are nobody else's business

struct VolumeHead {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t crc;  // of the secret
  Secret secret;
};

std::uint32_t crc_of(const Secret& secret) noexcept {
  return crc32c({reinterpret_cast<const char*>(&secret), sizeof secret});
}

template <class T>
std::span<char> raw(T& value) noexcept {
  return {reinterpret_cast<char*>(&value), sizeof value};
}

std::string message(const char* what, const std::filesystem::path& path) {
  return std::string(what) + " " + path.string() + ": " + std::strerror(errno);
}

}  // namespace

Segment::~Segment() { ::close(fd_); }

std::size_t Segment::read(std::span<char> space, std::uint64_t offset) const noexcept {
  std::size_t done = 0;
  while (done < space.size()) {
    const ssize_t n = ::pread(fd_, space.data() + done, space.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

bool Segment::write(std::span<const char> bytes, std::uint64_t offset) const noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool Segment::sync() const noexcept { return ::fdatasync(fd_) == 0; }
bool Segment::cut(std::uint64_t size) const noexcept { return ::ftruncate(fd_, static_cast<off_t>(size)) == 0; }
std::uint64_t Segment::size() const noexcept {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<std::unique_ptr<Volume>, std::string> Volume::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::path header = folder / "volume";
  const int fd = ::open(header.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, private_file);
  if (fd < 0) return Failure{message("cannot open", header)};
  std::unique_ptr<Volume> volume(new Volume(folder, fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return Failure{message("another process has", header)};
  if (volume->read_header()) return volume;
  volume->remove_all_segments();
  volume->secret_ = random_secret();
  if (!volume->write_header()) return Failure{message("cannot write", header)};
  return volume;
}

Volume::~Volume() { ::close(lock_); }

bool Volume::read_header() {
  VolumeHead head{};
  if (::pread(lock_, &head, sizeof head, 0) != sizeof head) return false;
  if (head.magic != volume_magic || head.version != disk_version || head.crc != crc_of(head.secret)) return false;
  secret_ = head.secret;
  return true;
}

bool Volume::write_header() {
  const VolumeHead head{volume_magic, disk_version, crc_of(secret_), secret_};
  return ::pwrite(lock_, &head, sizeof head, 0) == sizeof head && ::fsync(lock_) == 0;
}

std::filesystem::path Volume::file_of(std::uint32_t sequence) const {
  return folder_ / (std::string(segment_prefix) + std::to_string(sequence));
}

std::vector<std::uint32_t> Volume::sequences() const {
  std::vector<std::uint32_t> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(segment_prefix)) continue;
    std::uint32_t sequence = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + segment_prefix.size(), end, sequence);
    if (read.ec == std::errc() && read.ptr == end && sequence >= DiskIndex::first_segment) all.push_back(sequence);
  }
  std::ranges::sort(all);
  return all;
}

void Volume::remove_all_segments() {
  for (const std::uint32_t sequence : sequences()) remove(sequence);
}

void Volume::remove(std::uint32_t sequence) {
  std::error_code ignored;  // a file that stays is found again at the next start
  std::filesystem::remove(file_of(sequence), ignored);
}

SegmentRef Volume::begin_segment(std::uint32_t sequence, std::uint64_t epoch) {
  const int fd = ::open(file_of(sequence).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, private_file);
  if (fd < 0) return nullptr;
  auto segment = std::make_shared<const Segment>(sequence, fd);
  SegmentHead head = make_segment_head(sequence, epoch);
  return segment->write(raw(head), 0) ? segment : nullptr;
}

std::vector<SegmentRef> Volume::recover(const Found& found) {
  std::vector<SegmentRef> segments;
  scanned_ = 0;
  for (const std::uint32_t sequence : sequences()) {
    const int fd = ::open(file_of(sequence).c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) continue;
    auto segment = std::make_shared<const Segment>(sequence, fd);
    SegmentHead head{};
    segment->read(raw(head), 0);
    if (!segment_head_is_sound(head, sequence)) {
      remove(sequence);
      continue;
    }
    std::optional<SegmentContents> contents = read_footer(*segment);
    if (!contents) {
      ++scanned_;
      std::uint64_t end = 0;
      contents = scan_segment(*segment, end);
      contents->epoch = std::max(contents->epoch, head.epoch);
      if (segment->cut(end)) segment->write(encode_footer(*contents, sequence), end);
    }
    found(sequence, *contents);
    segments.push_back(std::move(segment));
  }
  return segments;
}

std::optional<SegmentContents> read_footer(const Segment& segment) {
  const std::uint64_t size = segment.size();
  FooterTail tail{};
  if (size < sizeof tail || segment.read(raw(tail), size - sizeof tail) != sizeof tail) return std::nullopt;
  const std::optional<std::uint64_t> footer = footer_size(tail, segment.sequence(), size);
  if (!footer) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(*footer), '\0');
  if (segment.read(bytes, size - *footer) != bytes.size()) return std::nullopt;
  return decode_footer(bytes);
}

SegmentContents scan_segment(const Segment& segment, std::uint64_t& end) {
  SegmentContents contents;
  const std::uint64_t size = segment.size();
  std::string bytes;
  std::uint64_t at = sizeof(SegmentHead);
  for (end = std::min<std::uint64_t>(at, size); at < size; end = at) {
    char start[sizeof(RecordHead)];
    const auto head = read_record_head({start, segment.read(start, at)}, size - at);
    if (!head) break;
    bytes.resize(sizeof *head + head->meta_size);
    if (segment.read(bytes, at) != bytes.size() || !record_is_sound(*head, bytes)) break;
    const auto place = static_cast<std::uint32_t>(at / record_alignment);
    const auto room = static_cast<std::uint32_t>(head->room() / record_alignment);
    if (const auto purge = decode_purge(*head, bytes)) {
      contents.purges.push_back(*purge);
    } else if (head->type == RecordType::erased) {
      contents.entries.push_back({head->key, 0, place, room, head->type});
    } else if (const ObjectRef object = decode_object(*head, bytes, {})) {
      contents.entries.push_back({head->key, variant_hash(*object), place, room, head->type});
    }
    contents.epoch = std::max(contents.epoch, head->epoch);
    at += head->room();
  }
  return contents;
}

}  // namespace gatehouse::cache

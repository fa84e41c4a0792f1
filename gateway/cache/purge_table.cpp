#include "gateway/cache/purge_table.hpp"

#include <algorithm>
#include <mutex>
#include <string>

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::cache {
namespace {

/// The host and path of a URL: schemes are not told apart.
std::string_view without_scheme(std::string_view url) noexcept {
  const std::size_t colon = url.find("://");
  return colon == std::string_view::npos || colon > url.find('/') ? url : url.substr(colon + 3);
}

std::string_view without_query(std::string_view url) noexcept { return url.substr(0, url.find('?')); }

/// Purges are written by people: the host in any case, prefixes with a slash at the end or without.
std::string normalised(PurgeKind kind, std::string_view text) {
  if (kind == PurgeKind::tag || kind == PurgeKind::path || kind == PurgeKind::path_start) return std::string(text);
  if (kind == PurgeKind::all) return {};
  const std::string_view rest = without_scheme(text);
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (kind == PurgeKind::host) return filters::lowered(host);
  std::string out = filters::lowered(host).append(rest.substr(host.size()));
  while (kind == PurgeKind::prefix && out.ends_with('/')) out.pop_back();
  return out;
}

SipHash begun(const Secret& secret, PurgeKind kind) noexcept {
  SipHash hash(secret, false);
  hash.add(static_cast<std::uint64_t>(kind));
  return hash;
}

}  // namespace

std::uint64_t PurgeTable::hash(PurgeKind kind, std::string_view text) const {
  SipHash hash = begun(secret_, kind);
  hash.add(text);
  return hash.finish_64();
}

std::uint64_t PurgeTable::hash_of(std::string_view tag) const noexcept { return hash(PurgeKind::tag, tag); }

PurgeRecord PurgeTable::purge(PurgeKind kind, std::string_view text, PurgeMode mode, std::int64_t now_ms) {
  PurgeRecord record{hash(kind, normalised(kind, text)), 0, now_ms, kind, mode};
  if (kind == PurgeKind::path_start) record.length = static_cast<std::uint16_t>(text.size());
  const std::scoped_lock held(guard_);
  record.epoch = epoch_.load(std::memory_order_relaxed) + 1;
  note(record);
  epoch_.store(record.epoch, std::memory_order_release);  // last: who sees the number sees the record
  return record;
}

void PurgeTable::restore(const PurgeRecord& record) {
  const std::scoped_lock held(guard_);
  note(record);
  epoch_.store(std::max(epoch_.load(std::memory_order_relaxed), record.epoch), std::memory_order_release);
}

void PurgeTable::continue_after(std::uint64_t epoch) {
  const std::scoped_lock held(guard_);
  epoch_.store(std::max(epoch_.load(std::memory_order_relaxed), epoch), std::memory_order_release);
}

void PurgeTable::note(const PurgeRecord& record) {
  const auto [at, added] = entries_.try_emplace(record.hash);
  at->second.kind = record.kind;
  at->second.length = record.length;
  if (added && record.kind == PurgeKind::path_start) ++starts_[record.length];
  entries_of_[static_cast<std::size_t>(record.kind)] += added;
  Last& last = at->second.modes[static_cast<std::size_t>(record.mode)];
  if (record.epoch >= last.epoch) last = {record.epoch, record.at_ms};
}

void PurgeTable::look_up(std::uint64_t hash, Lasts& lasts) const noexcept {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return;
  for (std::size_t mode = 0; mode < 2; ++mode) lasts[mode] = std::max(lasts[mode], found->second.modes[mode].epoch);
}

/// Each prefix that ends before a slash, and the whole path. The hash is carried along, so that a path of thousands of
/// segments is read once.
void PurgeTable::look_up_prefixes(std::string_view host_and_path, Lasts& lasts) const noexcept {
  SipHash hash = begun(secret_, PurgeKind::prefix);
  const std::string_view path = without_query(host_and_path);
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at + 1), path.size());
    hash.add(path.substr(at, slash - at));
    SipHash here = hash;
    look_up(here.finish_64(), lasts);
    at = slash;
  }
}

/// Each start of the path that is as long as one that was purged.
void PurgeTable::look_up_starts(std::string_view path, Lasts& lasts) const noexcept {
  SipHash hash = begun(secret_, PurgeKind::path_start);
  std::size_t at = 0;
  for (const auto& [length, entries] : starts_) {
    if (length > path.size()) return;
    hash.add(path.substr(at, length - at));
    at = length;
    SipHash here = hash;
    look_up(here.finish_64(), lasts);
  }
}

Purged PurgeTable::check(const Subject& subject) const {
  Lasts lasts{};
  const std::string_view rest = without_scheme(subject.key_text);
  const auto used = [this](PurgeKind kind) { return entries_of_[static_cast<std::size_t>(kind)] != 0; };
  const std::shared_lock held(guard_);
  if (subject.checked < floor_) return Purged::gone;  // what could have hit it is forgotten
  if (used(PurgeKind::all)) look_up(hash(PurgeKind::all, {}), lasts);
  if (used(PurgeKind::url)) look_up(hash(PurgeKind::url, rest), lasts);
  if (used(PurgeKind::host)) look_up(hash(PurgeKind::host, rest.substr(0, rest.find('/'))), lasts);
  if (used(PurgeKind::prefix)) look_up_prefixes(rest, lasts);
  const std::string_view path = rest.substr(std::min(rest.find('/'), rest.size()));
  if (used(PurgeKind::path)) look_up(hash(PurgeKind::path, path), lasts);
  if (used(PurgeKind::path_start)) look_up_starts(path, lasts);
  if (used(PurgeKind::tag)) {
    for (const std::uint64_t tag : subject.tags) look_up(tag, lasts);
  }
  if (lasts[static_cast<std::size_t>(PurgeMode::hard)] > subject.checked) return Purged::gone;
  return lasts[static_cast<std::size_t>(PurgeMode::soft)] > subject.checked ? Purged::soft : Purged::valid;
}

Purged PurgeTable::check(const Object& object) const {
  const Object::Checked known = object.checked();
  const std::uint64_t now = epoch();  // before the records are read: a purge meanwhile is looked up the next time
  if (known.gone) return Purged::gone;
  if (known.epoch >= now) return known.soft ? Purged::soft : Purged::valid;
  const Purged purged = check(Subject{object.key_text(), object.tags(), known.epoch});
  const bool soft = known.soft || purged == Purged::soft;
  object.set_checked({now, soft, purged == Purged::gone});
  if (purged == Purged::gone) return purged;
  return soft ? Purged::soft : Purged::valid;
}

void PurgeTable::drop_before(std::int64_t at_ms) {
  const std::scoped_lock held(guard_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const Entry& entry = at->second;
    const bool old = std::ranges::all_of(entry.modes, [&](const Last& last) { return last.at_ms < at_ms; });
    if (!old) {
      ++at;
      continue;
    }
    floor_ = std::max({floor_, entry.modes[0].epoch, entry.modes[1].epoch});
    --entries_of_[static_cast<std::size_t>(entry.kind)];
    if (entry.kind == PurgeKind::path_start && --starts_[entry.length] == 0) starts_.erase(entry.length);
    at = entries_.erase(at);
  }
}

std::size_t PurgeTable::size() const {
  const std::shared_lock held(guard_);
  return entries_.size();
}

std::vector<PurgeRecord> PurgeTable::records() const {
  std::vector<PurgeRecord> all;
  {
    const std::shared_lock held(guard_);
    for (const auto& [hash, entry] : entries_) {
      for (const PurgeMode mode : {PurgeMode::soft, PurgeMode::hard}) {
        const Last& last = entry.modes[static_cast<std::size_t>(mode)];
        if (last.epoch != 0) all.push_back({hash, last.epoch, last.at_ms, entry.kind, mode, entry.length});
      }
    }
  }
  std::ranges::sort(all, {}, &PurgeRecord::epoch);
  return all;
}

}  // namespace gatehouse::cache

#include "gateway/cache/object.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "gateway/http/status.hpp"

namespace gatehouse::cache {
namespace {

/// A field's line is found from those before it; what it is need not be found out again.
struct PackedField {
  std::uint16_t kind : 6;
  std::uint16_t name_size : 10;
  std::uint16_t value_size;
};
static_assert(sizeof(PackedField) == 4 && http::field_kinds <= 64);

constexpr std::size_t fields_limit = 255;
constexpr std::size_t name_limit = 1023;
constexpr std::size_t text_limit = 65'535;
constexpr std::size_t separators = 4;  // ": " and CRLF

char* put(char* at, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

/// Calls `each(name, value, kind)` for what a stored head keeps of a message's fields.
template <class F>
void each_kept(const http::FieldList& fields, F&& each) {
  for (const http::Field& field : fields.all()) {
    if (!field.dropped) each(field.name(), field.value(), field.kind);
  }
  for (const http::AddedField& added : fields.added()) each(added.name, added.value, http::field_kind(added.name));
}

}  // namespace

/// How long each part is, and where they begin behind the object.
struct Object::Layout {
  std::size_t fields{0};
  std::size_t head{0};
  std::size_t tags{0};
  std::string_view reason;  // only when it is not the status's usual one
  bool sizes{false};
  bool fits{true};

  Layout(const http::Response& response, const ObjectSpec& spec)
      : tags(spec.tags.size()),
        reason(response.reason == http::status_reason(response.status) ? std::string_view() : response.reason) {
    each_kept(response.fields, [this](std::string_view name, std::string_view value, http::FieldKind) {
      ++fields;
      head += name.size() + value.size() + separators;
      fits = fits && name.size() <= name_limit && value.size() <= text_limit;
    });
    sizes = !spec.vary_names.empty() || !spec.selector.empty() || !reason.empty() || !spec.keyed.empty();
    fits = fits && fields <= fields_limit && tags <= tags_max && spec.key_text.size() <= text_limit &&
           spec.vary_names.size() <= text_limit && spec.selector.size() <= text_limit && reason.size() <= text_limit && spec.keyed.size() <= text_limit;
    text_size = head + spec.key_text.size() + spec.vary_names.size() + spec.selector.size() + reason.size() + spec.keyed.size();
  }
  std::size_t text_size{0};
};

const char* Object::tags_at() const noexcept {
  const char* const fields_end = packed_ + (has_sizes_ ? sizeof(Sizes) : 0) + field_count_ * sizeof(PackedField);
  if (tag_count_ == 0) return fields_end;
  return reinterpret_cast<const char*>((reinterpret_cast<std::uintptr_t>(fields_end) + 7) & ~std::uintptr_t{7});
}

Object::Object(const http::Response& response, const ObjectSpec& spec, BodyRef body, const Layout& layout) noexcept
    : key_size_(static_cast<std::uint16_t>(spec.key_text.size())),
      key_(spec.key),
      freshness_(spec.freshness),
      checked_(spec.epoch << 2),
      body_(std::move(body)),
      head_size_(static_cast<std::uint32_t>(layout.head)),
      status_(response.status),
      field_count_(static_cast<std::uint8_t>(layout.fields)),
      tag_count_(static_cast<std::uint8_t>(layout.tags & 0x7f)),
      has_sizes_(layout.sizes) {
  char* at = packed_;
  if (layout.sizes) {
    const Sizes sizes{static_cast<std::uint16_t>(spec.vary_names.size()), static_cast<std::uint16_t>(spec.selector.size()),
                      static_cast<std::uint16_t>(layout.reason.size()), static_cast<std::uint16_t>(spec.keyed.size())};
    std::memcpy(at, &sizes, sizeof sizes);
    at += sizeof sizes;
  }
  char* text = packed_ + (tags_at() - packed_);
  if (layout.tags != 0) std::memcpy(text, spec.tags.data(), layout.tags * sizeof(std::uint64_t));
  text += layout.tags * sizeof(std::uint64_t);
  each_kept(response.fields, [&](std::string_view name, std::string_view value, http::FieldKind kind) {
    const PackedField field{static_cast<std::uint16_t>(static_cast<unsigned>(kind) & 0x3f),
                            static_cast<std::uint16_t>(name.size() & 0x3ff), static_cast<std::uint16_t>(value.size())};
    std::memcpy(at, &field, sizeof field);
    at += sizeof field;
    text = put(put(put(put(text, name), ": "), value), "\r\n");
  });
  put(put(put(put(put(text, spec.key_text), spec.vary_names), spec.selector), layout.reason), spec.keyed);
}

ObjectRef Object::make(const http::Response& response, const ObjectSpec& spec, BodyRef body) {
  const Layout layout(response, spec);
  if (!layout.fits) return {};
  constexpr std::size_t tag_alignment = 7;
  const std::size_t size = sizeof(Object) + (layout.sizes ? sizeof(Sizes) : 0) + layout.fields * sizeof(PackedField) +
                           (layout.tags != 0 ? tag_alignment + layout.tags * sizeof(std::uint64_t) : 0) + layout.text_size;
  void* const memory = std::malloc(std::max(size - packed_slack, sizeof(Object)));
  if (memory == nullptr) throw std::bad_alloc();
  return ObjectRef(new (memory) Object(response, spec, std::move(body), layout));
}

ObjectRef Object::with_body(const Object& from, BodyRef body) {
  http::Response head;
  from.head_into(head);
  const ObjectSpec spec{from.key(), from.key_text(), from.vary_names(), from.selector(), from.keyed(), from.tags(), from.freshness(),
                        from.checked().epoch};
  return make(head, spec, std::move(body));
}

void Object::destroy(Object* object) noexcept {
  object->~Object();
  std::free(object);
}

Object::Sizes Object::sizes() const noexcept {
  Sizes sizes{};
  if (has_sizes_) std::memcpy(&sizes, packed_, sizeof sizes);
  return sizes;
}

std::span<const std::uint64_t> Object::tags() const noexcept {
  return {reinterpret_cast<const std::uint64_t*>(tags_at()), tag_count_};
}

const char* Object::head_at() const noexcept { return tags_at() + tag_count_ * sizeof(std::uint64_t); }

std::string_view Object::key_text() const noexcept { return {head_at() + head_size_, key_size_}; }
std::string_view Object::vary_names() const noexcept { return {key_text().end(), sizes().vary_names}; }
std::string_view Object::selector() const noexcept { return {vary_names().end(), sizes().selector}; }
std::string_view Object::reason() const noexcept {
  const std::string_view own(selector().end(), sizes().reason);
  return own.empty() ? http::status_reason(status_) : own;
}

std::string_view Object::keyed() const noexcept {
  const Sizes own = sizes();
  return {selector().end() + own.reason, own.keyed};
}

void Object::head_into(http::Response& out) const noexcept {
  out.status = status_;
  out.reason = reason();
  const std::optional<std::uint64_t> length = body_ ? body_->length() : 0;
  out.body = length ? http::Body{http::BodyKind::counted, *length} : http::Body{http::BodyKind::chunked, 0};
  out.fields.clear();
  const char* line = head_at();
  const char* packed = packed_ + (has_sizes_ ? sizeof(Sizes) : 0);
  for (unsigned i = 0; i < field_count_; ++i, packed += sizeof(PackedField)) {
    PackedField stored;
    std::memcpy(&stored, packed, sizeof stored);
    http::Field& field = out.fields.next();
    field = {line, stored.value_size, stored.name_size, static_cast<std::uint16_t>(stored.name_size + 2),
             static_cast<http::FieldKind>(stored.kind), true, false};
    line += stored.name_size + stored.value_size + separators;
    out.fields.push_next();
  }
}

Object::Checked Object::checked() const noexcept {
  const std::uint64_t word = checked_.load(std::memory_order_relaxed);
  return {word >> 2, (word & 1) != 0, (word & 2) != 0};
}

void Object::set_checked(Checked checked) const noexcept {
  checked_.store((checked.epoch << 2) | (checked.gone ? 2u : 0u) | (checked.soft ? 1u : 0u), std::memory_order_relaxed);
}

std::size_t Object::held() const noexcept { return ::malloc_usable_size(const_cast<Object*>(this)); }

std::size_t Object::packed_size() const noexcept {
  return static_cast<std::size_t>(keyed().end() - reinterpret_cast<const char*>(this));
}

}  // namespace gatehouse::cache

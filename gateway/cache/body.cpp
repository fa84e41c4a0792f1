#include "gateway/cache/body.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include "gateway/cache/body_filling.hpp"

namespace gatehouse::cache {
namespace {

Block* make_block(std::size_t room) {
  void* const memory = std::malloc(sizeof(Block) + room);
  if (memory == nullptr) throw std::bad_alloc();
  Block* const block = new (memory) Block;
  block->size = static_cast<std::uint32_t>(room);
  return block;
}

/// The next block of a chain. With its head it fills a size class of the allocator; it is exact where the end is known.
std::size_t next_room(const Block* last, std::optional<std::uint64_t> left) {
  if (left) return static_cast<std::size_t>(std::min<std::uint64_t>(*left, Body::block_max - sizeof(Block)));
  if (last == nullptr) return Body::block_min - sizeof(Block);
  return std::min(2 * (last->size + sizeof(Block)), Body::block_max) - sizeof(Block);
}

}  // namespace

std::mutex& body_lock(const Body* body) noexcept {
  static std::array<std::mutex, 256> locks;
  const auto number = reinterpret_cast<std::uintptr_t>(body) / 16 * 0x9e3779b97f4a7c15u;
  return locks[number >> 56];
}

BodyRef Body::make(std::optional<std::uint64_t> length) {
  static_assert(offsetof(Body, data_) == overhead);
  const bool exact = length && *length <= block_exact;
  const std::size_t size = offsetof(Body, data_) + (exact ? static_cast<std::size_t>(*length) : 0);
  void* const memory = std::malloc(std::max(size, sizeof(Body)));
  if (memory == nullptr) throw std::bad_alloc();
  Body* const body = new (memory) Body;
  BodyRef ref(body);
  if (length == 0u) {
    body->word_.store(word_of(Kind::exact, 0), std::memory_order_relaxed);
    return ref;
  }
  auto* const filling = new Filling;
  filling->length = length;
  if (exact) filling->exact = body->data_;
  body->word_.store(word_of(Kind::filling, reinterpret_cast<std::uint64_t>(filling)), std::memory_order_relaxed);
  return ref;
}

BodyRef Body::in_pages(Counted<Pages> pages) {
  void* const memory = std::malloc(sizeof(Body));
  if (memory == nullptr) throw std::bad_alloc();
  Body* const body = new (memory) Body;
  body->word_.store(word_of(Kind::paged, reinterpret_cast<std::uint64_t>(pages.leave())), std::memory_order_relaxed);
  return BodyRef(body);
}

void Body::destroy(Body* body) noexcept {
  body->~Body();
  std::free(body);
}

Body::~Body() {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  Block* block = nullptr;
  if (kind(word) == Kind::chained) {
    block = pointer<Block>(word);
    std::free(block->trailers);
  } else if (kind(word) == Kind::filling) {
    block = filling()->first;
    std::free(filling()->trailers);
    delete filling();
  } else if (kind(word) == Kind::paged) {
    Counted<Pages>::adopt(pointer<Pages>(word));
  }
  while (block != nullptr) std::free(std::exchange(block, block->next));
}

Body::Filling* Body::filling() const noexcept {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  return kind(word) == Kind::filling ? pointer<Filling>(word) : nullptr;
}

Body::State Body::state() const noexcept {
  if (complete()) return State::complete;
  if (const Pages* const pages = this->pages()) return pages->failed() ? State::failed : State::filling;
  const std::scoped_lock held(body_lock(this));
  const Filling* const filling = this->filling();
  if (filling == nullptr) return State::complete;
  if (filling->failed) return State::failed;
  return filling->ended ? State::complete : State::filling;
}

std::optional<std::uint64_t> Body::length() const noexcept {
  std::uint64_t word = word_.load(std::memory_order_acquire);
  if (kind(word) == Kind::paged) return pointer<Pages>(word)->length();
  if (kind(word) == Kind::filling) {
    const std::scoped_lock held(body_lock(this));
    word = word_.load(std::memory_order_acquire);
    if (kind(word) == Kind::filling) return pointer<Filling>(word)->length;
  }
  return kind(word) == Kind::exact ? value(word) : pointer<Block>(word)->total;
}

std::string_view Body::trailers() const noexcept {
  const auto text = [](Block* block) { return block == nullptr ? std::string_view() : std::string_view(block->data(), block->used); };
  std::uint64_t word = word_.load(std::memory_order_acquire);
  if (kind(word) == Kind::filling) {
    const std::scoped_lock held(body_lock(this));
    word = word_.load(std::memory_order_acquire);
    if (kind(word) == Kind::filling) return text(pointer<Filling>(word)->trailers);
  }
  return kind(word) == Kind::chained ? text(pointer<Block>(word)->trailers) : std::string_view();
}

std::vector<std::span<const char>> Body::pieces() const {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  GH_ASSERT(in_memory(word));
  if (kind(word) == Kind::exact) return {{data_, static_cast<std::size_t>(value(word))}};
  std::vector<std::span<const char>> all;
  for (Block* block = pointer<Block>(word); block != nullptr; block = block->next) {
    all.emplace_back(block->data(), block->used);
  }
  return all;
}

std::size_t Body::held() const noexcept {
  std::size_t sum = ::malloc_usable_size(const_cast<Body*>(this));
  if (const Pages* const pages = this->pages()) return sum + pages->held();
  const std::scoped_lock held(body_lock(this));
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (kind(word) == Kind::filling) return sum + pointer<Filling>(word)->blocks_held + sizeof(Filling);
  if (kind(word) == Kind::exact) return sum;
  sum += ::malloc_usable_size(pointer<Block>(word)->trailers);
  for (Block* block = pointer<Block>(word); block != nullptr; block = block->next) sum += ::malloc_usable_size(block);
  return sum;
}

void Body::append(std::span<const char> bytes) {
  if (Pages* const pages = this->pages()) return pages->append(bytes);
  Filling* const filling = this->filling();  // the filler's own: it goes away in finish() alone
  GH_ASSERT(filling != nullptr && !filling->ended);
  GH_ASSERT(!filling->length || bytes.size() <= *filling->length - filling->produced);
  while (!bytes.empty()) {
    Block* const last = filling->last;
    Block* fresh = nullptr;
    std::span<char> room;
    if (filling->exact != nullptr) {
      room = {filling->exact + filling->produced, bytes.size()};
    } else if (last != nullptr && last->used < last->size) {
      room = {last->data() + last->used, last->size - last->used};
    } else {
      std::optional<std::uint64_t> left;
      if (filling->length) left = *filling->length - filling->produced;
      fresh = make_block(next_room(last, left));
      room = {fresh->data(), fresh->size};
    }
    const std::size_t n = std::min(bytes.size(), room.size());
    std::memcpy(room.data(), bytes.data(), n);  // nobody reads there before it is told below
    bytes = bytes.subspan(n);
    publish(*filling, fresh, n);
  }
}

void Body::publish(Filling& filling, Block* fresh, std::size_t n) {
  Woken woken;
  {
    const std::scoped_lock held(body_lock(this));
    if (fresh != nullptr) {
      (filling.last != nullptr ? filling.last->next : filling.first) = fresh;
      filling.last = fresh;
      filling.blocks_held += ::malloc_usable_size(fresh);
    }
    if (filling.last != nullptr) filling.last->used += static_cast<std::uint32_t>(n);
    filling.produced += n;
    if (filling.passing) filling.drop_blocks();
    woken.take_readers(filling);
  }
  woken.resume();
}

void Body::finish(std::string_view trailers) {
  if (Pages* const pages = this->pages()) return pages->finish();
  Filling* const filling = this->filling();
  GH_ASSERT(filling != nullptr && !filling->ended && (trailers.empty() || !filling->length));
  if (filling->length && filling->produced < *filling->length) {
    return fail(exchange::fault_of(exchange::Errc::origin_body_short));
  }
  Block* const section = trailers.empty() ? nullptr : make_block(trailers.size());
  if (section != nullptr) {
    std::memcpy(section->data(), trailers.data(), trailers.size());
    section->used = section->size;
  }
  Woken woken;
  bool settled = false;
  {
    const std::scoped_lock held(body_lock(this));
    filling->ended = true;
    filling->trailers = section;
    if (!filling->length) filling->length = filling->produced;
    woken.take_readers(*filling);
    settled = !filling->passing;
    if (settled) settle(*filling);
  }
  if (settled) delete filling;
  woken.resume();
}

/// From here on readers find all they need without the lock. Those that are under way have seen the word under it.
void Body::settle(Filling& filling) {
  if (filling.exact != nullptr || (filling.produced == 0 && filling.trailers == nullptr)) {
    word_.store(word_of(Kind::exact, filling.produced), std::memory_order_release);
    return;
  }
  if (filling.produced != 0) {
    shorten_last(filling);
  } else {
    filling.first = make_block(0);
  }
  filling.first->total = filling.produced;
  filling.first->trailers = filling.trailers;
  word_.store(word_of(Kind::chained, reinterpret_cast<std::uint64_t>(filling.first)), std::memory_order_release);
}

/// Content whose length was not known seldom ends where a block does. Where much of the last one is empty and nobody
/// uses it, its bytes move to one that fits.
void Body::shorten_last(Filling& filling) {
  Block* const last = filling.last;
  if (last->size - last->used <= last->size / 16 || !filling.last_is_unused()) return;
  Block* const exact = make_block(last->used);
  std::memcpy(exact->data(), last->data(), last->used);
  exact->used = last->used;
  Block** link = &filling.first;
  while (*link != last) link = &(*link)->next;
  *link = exact;
  for (Reader* reader = filling.readers; reader != nullptr; reader = reader->after_) {
    if (reader->block_ == last) reader->block_ = exact;
  }
  std::free(last);
}

void Body::fail(Fault fault) {
  if (Pages* const pages = this->pages()) return pages->fail(fault);
  Filling* const filling = this->filling();
  GH_ASSERT(filling != nullptr && !filling->ended);
  Woken woken;
  {
    const std::scoped_lock held(body_lock(this));
    filling->ended = filling->failed = true;
    filling->fault = fault;
    woken.take_readers(*filling);
  }
  woken.resume();
}

void Body::pass_on(std::size_t window) {
  Filling* const filling = this->filling();
  GH_ASSERT(filling != nullptr);
  const std::scoped_lock held(body_lock(this));
  filling->passing = true;
  filling->window = window;
  filling->drop_blocks();
}

bool Body::abandoned() const noexcept {
  if (const Pages* const pages = this->pages()) return pages->abandoned();
  const std::scoped_lock held(body_lock(this));
  const Filling* const filling = this->filling();
  return filling != nullptr && filling->had_readers && filling->readers == nullptr;
}

void Body::watch_readers(void (*told)(void*) noexcept, void* context) noexcept {
  const std::scoped_lock held(body_lock(this));
  if (Filling* const filling = this->filling()) {
    filling->told = told;
    filling->told_context = context;
  }
}

/// Suspends the filler until there is room.
struct Body::Room {
  Body& body;
  runtime::Worker& worker;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> filler) noexcept {
    const std::scoped_lock held(body_lock(&body));
    Filling& filling = *body.filling();
    if (filling.has_room()) return false;
    filling.room_waiting = filler;
    filling.room_worker = &worker;
    return true;
  }
  void await_resume() const noexcept {}
};

Task<> Body::room(runtime::Worker& worker) {
  if (Pages* const pages = this->pages()) return pages->room(worker);
  {
    const std::scoped_lock held(body_lock(this));
    const Filling* const filling = this->filling();
    if (filling == nullptr || filling->has_room()) return Task<>::now({});
  }
  return wait_for_room(worker);
}

Task<> Body::wait_for_room(runtime::Worker& worker) {
  Room room{*this, worker};
  co_await room;
}

void Body::Filling::join(Reader& reader) noexcept {
  had_readers = true;
  reader.after_ = readers;
  if (readers != nullptr) readers->before_ = &reader;
  readers = &reader;
}

void Body::Filling::leave(Reader& reader) noexcept {
  (reader.before_ != nullptr ? reader.before_->after_ : readers) = reader.after_;
  if (reader.after_ != nullptr) reader.after_->before_ = reader.before_;
  if (passing) drop_blocks();
  if (readers == nullptr && told != nullptr) told(told_context);
}

std::uint64_t Body::Filling::unread() const noexcept {
  std::uint64_t least = produced;
  for (const Reader* reader = readers; reader != nullptr; reader = reader->after_) {
    least = std::min(least, reader->held_from_);
  }
  return produced - least;
}

void Body::Filling::drop_blocks() noexcept {
  const std::uint64_t needed_from = produced - unread();
  while (first != nullptr && first != last && first_from + first->used <= needed_from) {
    // A reader at the end of a block steps to the next one when it comes back, and needs this one until then.
    for (const Reader* reader = readers; reader != nullptr; reader = reader->after_) {
      if (reader->block_ == first) return;
    }
    first_from += first->used;
    blocks_held -= ::malloc_usable_size(first);
    std::free(std::exchange(first, first->next));
  }
}

bool Body::Filling::last_is_unused() const noexcept {
  for (const Reader* reader = readers; reader != nullptr; reader = reader->after_) {
    if (reader->block_ == last && reader->held_from_ != reader->at_) return false;
  }
  return true;
}

}  // namespace gatehouse::cache

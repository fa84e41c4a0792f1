#include <algorithm>

#include "gateway/cache/body.hpp"
#include "gateway/cache/body_filling.hpp"

namespace gatehouse::cache {

Reader::Reader(runtime::Worker& worker, BodyRef body, std::uint64_t from, std::uint64_t to)
    : worker_(worker), body_(std::move(body)), at_(from), to_(std::max(from, to)), held_from_(from) {
  if (Body::in_memory(body_->word_.load(std::memory_order_acquire))) return;
  if (Pages* const pages = body_->pages()) {
    pages_ = std::make_unique<PageReader>(*pages, worker, from, to);
    return;
  }
  const std::scoped_lock held(body_lock(body_.get()));
  Body::Filling* const filling = body_->filling();
  if (filling == nullptr) return;
  joined_ = true;
  filling->join(*this);
}

Reader::~Reader() {
  if (!joined_) return;
  Woken woken;
  {
    const std::scoped_lock held(body_lock(body_.get()));
    Body::Filling* const filling = body_->filling();
    if (filling == nullptr) return;
    filling->leave(*this);
    woken.take_room(*filling);
  }
  woken.resume();
}

/// The next `size` bytes at most, from `data` on; the content ends at `total_end`.
Piece Reader::cut(const char* data, std::uint64_t size, std::uint64_t total_end) {
  const std::uint64_t end = std::min(to_, total_end);
  const std::size_t n = static_cast<std::size_t>(std::min(size, end - at_));
  at_ += n;
  return {{data, n}, at_ == end};
}

/// Steps to the block that `at_` lies in, as far as there are blocks. What is left in it.
std::uint64_t Reader::enter_block(Block* first, std::uint64_t first_from) {
  if (block_ == nullptr) {
    block_ = first;
    block_from_ = first_from;
  }
  while (block_ != nullptr && at_ - block_from_ >= block_->used && block_->next != nullptr) {
    block_from_ += block_->used;
    block_ = block_->next;
  }
  if (block_ == nullptr || at_ - block_from_ >= block_->used) return 0;
  return block_from_ + block_->used - at_;
}

Try<Piece> Reader::complete_piece(std::uint64_t word) {
  if (Body::kind(word) == Body::Kind::exact) {
    const std::uint64_t total = Body::value(word);
    if (at_ >= total) return Piece{{}, true};
    return cut(body_->data_ + at_, total - at_, total);
  }
  Block* const first = Body::pointer<Block>(word);
  if (at_ >= first->total) return Piece{{}, true};
  const std::uint64_t left = enter_block(first, 0);
  return cut(block_->data() + (at_ - block_from_), left, first->total);
}

std::optional<Try<Piece>> Reader::at_hand() {
  if (stopped_) return Try<Piece>(Failure{exchange::fault_of(exchange::Errc::none)});
  const std::uint64_t word = body_->word_.load(std::memory_order_acquire);
  if (Body::in_memory(word)) return complete_piece(word);
  return pages_ ? pages_->at_hand() : filling_piece();
}

std::optional<Try<Piece>> Reader::filling_piece() {
  Woken woken;
  std::optional<Try<Piece>> piece;
  {
    const std::scoped_lock held(body_lock(body_.get()));
    Body::Filling* const filling = body_->filling();
    if (filling == nullptr) return complete_piece(body_->word_.load(std::memory_order_acquire));
    held_from_ = at_;
    piece = arrived(*filling);
    if (filling->passing) {
      filling->drop_blocks();
      woken.take_room(*filling);
    }
  }
  woken.resume();
  return piece;
}

/// What has come since the last piece; nothing when that is nothing.
std::optional<Try<Piece>> Reader::arrived(Body::Filling& filling) {
  const std::uint64_t end = filling.length.value_or(to_the_end);
  if (at_ >= std::min(to_, end)) return Try<Piece>(Piece{{}, true});
  // What is not kept any more may have been dropped before this reader came.
  if (at_ < filling.first_from) return Try<Piece>(Failure{exchange::fault_of(exchange::Errc::stored_lost)});
  if (filling.exact != nullptr) {
    if (filling.produced > at_) return Try<Piece>(cut(filling.exact + at_, filling.produced - at_, end));
  } else if (const std::uint64_t left = enter_block(filling.first, filling.first_from); left != 0) {
    return Try<Piece>(cut(block_->data() + (at_ - block_from_), left, end));
  }
  if (filling.failed) return Try<Piece>(Failure{filling.fault});
  return std::nullopt;
}

/// Suspends a reader until there is more, the end, or a reason to stop.
struct Reader::Arrival {
  Reader& reader;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> self) noexcept {
    const std::scoped_lock held(body_lock(reader.body_.get()));
    const Body::Filling* const filling = reader.body_->filling();
    if (filling == nullptr || filling->ended || filling->produced > reader.at_ || reader.stopped_) return false;
    reader.waiting_ = self;
    return true;
  }
  void await_resume() const noexcept {}
};

Task<Try<Piece>> Reader::next() {
  if (auto piece = at_hand()) return Task<Try<Piece>>::now(std::move(*piece));
  return pages_ ? pages_->wait() : wait();
}

Task<Try<Piece>> Reader::wait() {
  Arrival arrival{*this};
  for (;;) {
    co_await arrival;
    if (auto piece = at_hand()) co_return std::move(*piece);
  }
}

void Reader::stop() noexcept {
  stopped_ = true;
  if (pages_) return pages_->stop();
  std::coroutine_handle<> waiting;
  {
    const std::scoped_lock held(body_lock(body_.get()));
    waiting = std::exchange(waiting_, {});
  }
  if (waiting) worker_.post([waiting] { waiting.resume(); });
}

void Woken::take_readers(Body::Filling& filling) noexcept {
  for (Reader* reader = filling.readers; reader != nullptr; reader = reader->after_) {
    if (!reader->waiting_) continue;
    reader->resuming_ = std::exchange(reader->waiting_, {});
    reader->woken_next_ = std::exchange(readers_, reader);
  }
}

void Woken::take_room(Body::Filling& filling) noexcept {
  if (!filling.room_waiting || !filling.has_room()) return;
  room_ = std::exchange(filling.room_waiting, {});
  room_worker_ = filling.room_worker;
}

// A reader may be gone as soon as it was posted: it is not looked at afterwards.
void Woken::resume() {
  while (readers_ != nullptr) {
    Reader& reader = *std::exchange(readers_, readers_->woken_next_);
    reader.worker_.post([waiting = reader.resuming_] { waiting.resume(); });
  }
  if (room_) room_worker_->post([filler = room_] { filler.resume(); });
}

}  // namespace gatehouse::cache

#include "gateway/cache/pages.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse::cache {

using exchange::Fault;
using exchange::Piece;
using exchange::Try;
using runtime::Task;

/// Those who are to be resumed: found under the lock, resumed after it.
class Pages::Wakeup {
 public:
  void take_readers(Pages& pages) noexcept {
    for (PageReader* reader = pages.readers_; reader != nullptr; reader = reader->after_) {
      if (!reader->waiting_ || !reader->can_go()) continue;
      reader->resuming_ = std::exchange(reader->waiting_, {});
      reader->woken_next_ = std::exchange(readers_, reader);
    }
  }
  void take_room(Pages& pages) noexcept {
    if (!pages.room_waiting_ || !pages.has_room()) return;
    room_ = std::exchange(pages.room_waiting_, {});
    room_worker_ = pages.room_worker_;
  }
  // A reader may be gone as soon as it was posted: it is not looked at afterwards.
  void resume() {
    while (readers_ != nullptr) {
      PageReader& reader = *std::exchange(readers_, readers_->woken_next_);
      reader.worker_.post([waiting = reader.resuming_] { waiting.resume(); });
    }
    if (room_) room_worker_->post([filler = room_] { filler.resume(); });
  }

 private:
  PageReader* readers_{nullptr};  // through woken_next_
  std::coroutine_handle<> room_;
  runtime::Worker* room_worker_{nullptr};
};

Pages::Pages(std::unique_ptr<PageFile> file, std::optional<std::uint64_t> length) noexcept
    : file_(std::move(file)), length_(length) {}

Pages::Pages(std::unique_ptr<PageFile> file, std::uint64_t length, Complete) noexcept
    : file_(std::move(file)), complete_(true), length_(length), produced_(length) {}

bool Pages::failed() const noexcept {
  const std::scoped_lock held(guard_);
  return failed_;
}

std::optional<std::uint64_t> Pages::length() const noexcept {
  const std::scoped_lock held(guard_);
  return length_;
}

bool Pages::kept() const noexcept {
  const std::scoped_lock held(guard_);
  return kept_;
}

std::size_t Pages::held() const noexcept {
  const std::scoped_lock held(guard_);
  return sizeof(Pages) + static_cast<std::size_t>(produced_ / page_size + 1) * sizeof(PagePlace);
}

/// How much content a page has in the end.
std::size_t Pages::size_of(std::uint32_t number) const noexcept {
  const std::uint64_t from = std::uint64_t{number} * page_size;
  return static_cast<std::size_t>(std::min<std::uint64_t>(page_size, length_.value_or(~std::uint64_t{0}) - from));
}

void Pages::append(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>(produced_ % page_size);  // the filler alone changes it
    if (!filling_) {
      auto fresh = std::make_shared<Page>(static_cast<std::uint32_t>(produced_ / page_size));
      fresh->state = Page::State::there;
      fresh->room = std::make_unique_for_overwrite<char[]>(page_size);
      const std::scoped_lock held(guard_);
      unwritten_.emplace(fresh->number, fresh);
      filling_ = std::move(fresh);
    }
    const std::size_t n = std::min(bytes.size(), page_size - at);
    std::memcpy(filling_->data() + at, bytes.data(), n);  // nobody reads there before it is told below
    bytes = bytes.subspan(n);
    Wakeup wakeup;
    {
      const std::scoped_lock held(guard_);
      produced_ += n;
      wakeup.take_readers(*this);
    }
    wakeup.resume();
    if (at + n == page_size) write_filled();
  }
}

/// Hands the page that was being filled to the file.
void Pages::write_filled() {
  const PageRef page = std::exchange(filling_, nullptr);
  if (!page) return;
  const std::scoped_lock held(guard_);
  if (!kept_) return drop_read();
  ++writing_;
  const auto size = static_cast<std::size_t>(produced_ - std::uint64_t{page->number} * page_size);
  file_->write(page, size, [self = Counted<Pages>(this), page](bool there) mutable { self->written(std::move(page), there); });
}

void Pages::written(PageRef page, bool there) {
  Wakeup wakeup;
  {
    const std::scoped_lock held(guard_);
    --writing_;
    if (there) {
      shared_[page->number] = page;
      unwritten_.erase(page->number);
      let_go(page);
    } else {
      kept_ = false;
      drop_read();
    }
    wakeup.take_room(*this);
  }
  wakeup.resume();
}

void Pages::finish() {
  if (length_ && produced_ < *length_) return fail(exchange::fault_of(exchange::Errc::origin_body_short));
  write_filled();
  Wakeup wakeup;
  {
    const std::scoped_lock held(guard_);
    length_ = produced_;
    complete_.store(true, std::memory_order_release);
    wakeup.take_readers(*this);
  }
  wakeup.resume();
}

void Pages::fail(Fault fault) {
  Wakeup wakeup;
  {
    const std::scoped_lock held(guard_);
    failed_ = true;
    kept_ = false;
    fault_ = fault;
    wakeup.take_readers(*this);
  }
  wakeup.resume();
}

bool Pages::abandoned() const noexcept {
  const std::scoped_lock held(guard_);
  return !kept_ && had_readers_ && readers_ == nullptr;
}

bool Pages::has_room() const noexcept {
  if (failed_) return true;
  return kept_ ? writing_ <= waiting_max : unwritten_.size() <= waiting_max || readers_ == nullptr;
}

/// What is not kept goes when all readers are past it, or when there is none, all but the latest.
void Pages::drop_read() noexcept {
  std::uint64_t needed_from = produced_;
  if (!had_readers_) needed_from -= std::min<std::uint64_t>(produced_, waiting_max * page_size);
  for (const PageReader* reader = readers_; reader != nullptr; reader = reader->after_) {
    needed_from = std::min(needed_from, reader->at_);
  }
  while (!unwritten_.empty()) {
    const auto first = unwritten_.begin();
    if (first->second == filling_ || (first->first + std::uint64_t{1}) * page_size > needed_from) return;
    unwritten_.erase(first);
  }
}

/// Suspends the filler until there is room.
struct Pages::Room {
  Pages& pages;
  runtime::Worker& worker;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> filler) noexcept {
    const std::scoped_lock held(pages.guard_);
    if (pages.has_room()) return false;
    pages.room_waiting_ = filler;
    pages.room_worker_ = &worker;
    return true;
  }
  void await_resume() const noexcept {}
};

Task<> Pages::room(runtime::Worker& worker) {
  {
    const std::scoped_lock held(guard_);
    if (has_room()) return Task<>::now({});
  }
  return wait_for_room(worker);
}

Task<> Pages::wait_for_room(runtime::Worker& worker) {
  Room room{*this, worker};
  co_await room;
}

/// A page that has arrived: from memory if somebody has it, else it is read.
PageRef Pages::page(std::uint32_t number) {
  const auto mine = unwritten_.find(number);
  if (mine != unwritten_.end()) return mine->second;
  std::weak_ptr<Page>& known = shared_[number];
  if (PageRef page = known.lock()) return page;
  auto page = std::make_shared<Page>(number);
  known = page;
  file_->read(page, size_of(number), [self = Counted<Pages>(this), page](bool there) mutable { self->loaded(std::move(page), there); });
  return page;
}

void Pages::loaded(PageRef page, bool there) {
  Wakeup wakeup;
  {
    const std::scoped_lock held(guard_);
    page->state = there ? Page::State::there : Page::State::lost;
    wakeup.take_readers(*this);
    let_go(page);
  }
  wakeup.resume();
  if (!there) file_->lost();
}

/// Forgets a page that nobody has any more.
void Pages::let_go(PageRef& page) noexcept {
  if (!page) return;
  const std::uint32_t number = page->number;
  page.reset();
  const auto known = shared_.find(number);
  if (known != shared_.end() && known->second.expired()) shared_.erase(known);
}

PageReader::PageReader(Pages& pages, runtime::Worker& worker, std::uint64_t from, std::uint64_t to)
    : pages_(pages), worker_(worker), at_(from), to_(std::max(from, to)) {
  const std::scoped_lock held(pages_.guard_);
  pages_.had_readers_ = true;
  after_ = pages_.readers_;
  if (after_ != nullptr) after_->before_ = this;
  pages_.readers_ = this;
}

PageReader::~PageReader() {
  Pages::Wakeup wakeup;
  {
    const std::scoped_lock held(pages_.guard_);
    (before_ != nullptr ? before_->after_ : pages_.readers_) = after_;
    if (after_ != nullptr) after_->before_ = before_;
    for (PageRef& page : held_) pages_.let_go(page);
    if (!pages_.kept_) pages_.drop_read();
    wakeup.take_room(pages_);
  }
  wakeup.resume();
}

/// Where this reading ends, as far as is known.
std::uint64_t PageReader::end() const noexcept { return std::min(to_, pages_.length_.value_or(to_)); }

/// Whether at_hand() has something to say. Under the lock.
bool PageReader::can_go() const noexcept {
  if (stopped_ || at_ >= end()) return true;
  if (at_ >= pages_.produced_) return pages_.failed_;
  return held_[0] == nullptr || held_[0]->number != at_ / page_size || held_[0]->state != Page::State::coming;
}

std::optional<Try<Piece>> PageReader::at_hand() {
  Pages::Wakeup wakeup;
  std::optional<Try<Piece>> piece;
  {
    const std::scoped_lock held(pages_.guard_);
    if (stopped_) return Try<Piece>(Failure{exchange::fault_of(exchange::Errc::none)});
    if (at_ >= end()) return Try<Piece>(Piece{{}, true});
    if (at_ >= pages_.produced_) {
      if (pages_.failed_) return Try<Piece>(Failure{pages_.fault_});
      return std::nullopt;
    }
    step_to(static_cast<std::uint32_t>(at_ / page_size));
    if (held_[0]->state == Page::State::coming) return std::nullopt;
    piece = cut();
    if (!pages_.kept_) {
      pages_.drop_read();
      wakeup.take_room(pages_);
    }
  }
  wakeup.resume();
  return piece;
}

/// Holds that page and those behind it that have arrived and will be read.
void PageReader::step_to(std::uint32_t number) {
  if (held_[0] && held_[0]->number == number) return;
  const std::uint64_t arrived = std::min(end(), pages_.produced_);
  std::array<PageRef, pages_held> wanted;
  for (std::uint32_t i = 0; i < pages_held; ++i) {
    if ((std::uint64_t{number} + i) * page_size >= arrived) break;
    wanted[i] = pages_.page(number + i);
  }
  std::swap(wanted, held_);
  for (PageRef& page : wanted) pages_.let_go(page);
}

Try<Piece> PageReader::cut() {
  const Page& page = *held_[0];
  if (page.state == Page::State::lost) return Failure{exchange::fault_of(exchange::Errc::stored_lost)};
  const std::uint64_t last = end();
  const std::uint64_t until = std::min({(page.number + std::uint64_t{1}) * page_size, pages_.produced_, last});
  const char* const from = page.data() + at_ % page_size;
  const auto size = static_cast<std::size_t>(until - std::exchange(at_, until));
  return Piece{{from, size}, until == last};
}

/// Suspends a reader until there is more, the end, or a reason to stop.
struct PageReader::Arrival {
  PageReader& reader;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> self) noexcept {
    const std::scoped_lock held(reader.pages_.guard_);
    if (reader.can_go()) return false;
    reader.waiting_ = self;
    return true;
  }
  void await_resume() const noexcept {}
};

Task<Try<Piece>> PageReader::wait() {
  Arrival arrival{*this};
  for (;;) {
    co_await arrival;
    if (auto piece = at_hand()) co_return std::move(*piece);
  }
}

bool PageReader::awaits_file() const noexcept {
  const std::scoped_lock held(pages_.guard_);
  return held_[0] && held_[0]->state == Page::State::coming;
}

void PageReader::stop() noexcept {
  std::coroutine_handle<> waiting;
  {
    const std::scoped_lock held(pages_.guard_);
    stopped_ = true;
    waiting = std::exchange(waiting_, {});
  }
  if (waiting) worker_.post([waiting] { waiting.resume(); });
}

}  // namespace gatehouse::cache

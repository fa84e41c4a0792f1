// S3-FIFO: which object goes when memory is short (Yang, Zhang, Qiu, Yue and Vinayak, SOSP 2023). Three first-in
// first-out queues: new objects enter a small one (a tenth of the room); those that were used while in it move on to the
// main one, the others go and leave a fingerprint in the ghost; who comes back while remembered enters the main queue
// directly. An object at the end of the main queue goes round again as often as it was used, three times at most. One-hit
// wonders and scans therefore never reach the main queue, and a use is one relaxed store, with no list touched.
//
// Sizes differ here, so objects are weighed against the mean: what is large must have been used more to stay, which
// approaches the object miss ratio of greedy-dual (GDSF) without its priority queue (bench/cache/README.md has numbers).
//
// Node derives from S3Links. The queues never own their nodes. Guarded by who owns it, but for S3Links::use().
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "gateway/cache/ghost.hpp"

namespace gatehouse::cache {

/// A node's place in the queues. Weights are in units of 64 bytes.
class S3Links {
 public:
  static constexpr std::uint8_t uses_max = 3;
  static constexpr std::size_t weight_unit = 64;
  static std::uint32_t weight_of(std::size_t bytes) noexcept {
    return static_cast<std::uint32_t>(std::min<std::size_t>((bytes + weight_unit - 1) / weight_unit, 0xffffffffu));
  }

  /// Counts a use. Any thread: a count lost between two threads does no harm.
  void use() noexcept {
    const std::uint8_t uses = uses_.load(std::memory_order_relaxed);
    if (uses < uses_max) uses_.store(uses + 1, std::memory_order_relaxed);
  }
  bool queued() const noexcept { return place_ != Place::none; }
  std::uint32_t weight() const noexcept { return weight_; }

 private:
  template <class>
  friend class S3Fifo;
  enum class Place : std::uint8_t { none, small, main };

  S3Links* newer_{nullptr};
  S3Links* older_{nullptr};
  std::uint32_t weight_{0};
  std::atomic<std::uint8_t> uses_{0};
  Place place_{Place::none};
};

template <class Node>
class S3Fifo {
 public:
  /// `capacity`: the weight above which over() holds.
  explicit S3Fifo(std::uint64_t capacity) noexcept : capacity_(capacity) {}

  /// Takes a node in. `fingerprint`: from the keyed hash of what it stands for.
  void insert(Node& node, std::uint32_t weight, std::uint32_t fingerprint) {
    fit_ghost();
    S3Links& links = node;
    links.weight_ = weight;
    links.uses_.store(0, std::memory_order_relaxed);
    const bool back = ghost_.take(fingerprint);
    push(back ? main_ : small_, links, back ? S3Links::Place::main : S3Links::Place::small);
  }
  /// The node has grown or shrunk.
  void reweigh(Node& node, std::uint32_t weight) noexcept {
    S3Links& links = node;
    queue_of(links).weight += weight;
    queue_of(links).weight -= links.weight_;
    links.weight_ = weight;
  }
  /// `fresh` stands for the same thing as `old`, which leaves: it inherits its queue and uses.
  void replace(Node& old, Node& fresh, std::uint32_t weight) noexcept {
    S3Links& from = old;
    S3Links& to = fresh;
    const S3Links::Place place = from.place_;
    remove(old);
    to.weight_ = weight;
    to.uses_.store(from.uses_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    push(place == S3Links::Place::small ? small_ : main_, to, place);
  }
  void remove(Node& node) noexcept {
    unlink(node);
    static_cast<S3Links&>(node).place_ = S3Links::Place::none;
  }

  /// Takes the node out that is to go, and remembers it by the fingerprint that `fingerprint_of(node)` gives. Null when
  /// there is none. `spared`, which may be null, stays: it has only just come.
  template <class F>
  Node* evict(F&& fingerprint_of, const Node* spared = nullptr) {
    for (;;) {
      const bool main_is_spared = main_.count == 0 || (main_.count == 1 && main_.oldest == spared);
      const bool from_small = small_.count > 0 && (main_is_spared || small_is_full());
      Queue& queue = from_small ? small_ : main_;
      S3Links* const links = queue.oldest;
      if (links == nullptr || (links == spared && count() == 1)) return nullptr;
      const bool stays = links == spared || (from_small ? moves_on(*links) : goes_round(*links));
      unlink(*links);
      if (stays) {
        push(main_, *links, S3Links::Place::main);
        continue;
      }
      links->place_ = S3Links::Place::none;
      Node* const node = static_cast<Node*>(links);
      if (from_small) ghost_.add(fingerprint_of(*node));
      return node;
    }
  }

  void set_capacity(std::uint64_t capacity) noexcept { capacity_ = capacity; }
  bool over() const noexcept { return weight() > capacity_; }
  std::uint64_t weight() const noexcept { return small_.weight + main_.weight; }
  std::size_t count() const noexcept { return small_.count + main_.count; }
  std::size_t ghost_bytes() const noexcept { return ghost_.bytes(); }

 private:
  using Place = S3Links::Place;
  static constexpr std::size_t small_count_min = 32;  // a smaller queue than this sees no second use

  struct Queue {
    S3Links* newest{nullptr};
    S3Links* oldest{nullptr};
    std::uint64_t weight{0};
    std::size_t count{0};
  };

  bool small_is_full() const noexcept { return small_.weight * 10 > capacity_ && small_.count > small_count_min; }
  std::uint64_t mean() const noexcept { return weight() / std::max<std::size_t>(count(), 1); }

  /// Whether a node at the end of the small queue was used enough to enter the main one; the larger, the more.
  bool moves_on(S3Links& links) const noexcept {
    const unsigned uses = links.uses_.load(std::memory_order_relaxed);
    links.uses_.store(0, std::memory_order_relaxed);
    return uses > (links.weight_ > 4 * mean() ? 1u : 0u);
  }
  /// Whether a node at the end of the main queue goes round again, which costs it uses; the larger, the more.
  bool goes_round(S3Links& links) const noexcept {
    const unsigned uses = links.uses_.load(std::memory_order_relaxed);
    const unsigned cost = links.weight_ > 4 * mean() ? 2 : 1;
    if (uses < cost) return false;
    links.uses_.store(static_cast<std::uint8_t>(uses - cost), std::memory_order_relaxed);
    return true;
  }

  Queue& queue_of(S3Links& links) noexcept { return links.place_ == Place::small ? small_ : main_; }
  void push(Queue& queue, S3Links& links, Place place) noexcept {
    links.place_ = place;
    links.newer_ = nullptr;
    links.older_ = queue.newest;
    (queue.newest != nullptr ? queue.newest->newer_ : queue.oldest) = &links;
    queue.newest = &links;
    queue.weight += links.weight_;
    ++queue.count;
  }
  void unlink(S3Links& links) noexcept {
    Queue& queue = queue_of(links);
    (links.newer_ != nullptr ? links.newer_->older_ : queue.newest) = links.older_;
    (links.older_ != nullptr ? links.older_->newer_ : queue.oldest) = links.newer_;
    queue.weight -= links.weight_;
    --queue.count;
  }
  /// The ghost remembers as many as the queues hold; it grows in steps, so that it is seldom rebuilt.
  void fit_ghost() {
    if (count() >= ghost_.room()) ghost_.resize(count() + count() / 4 + 64);
  }

  std::uint64_t capacity_;
  Queue small_;
  Queue main_;
  Ghost ghost_;
};

}  // namespace gatehouse::cache

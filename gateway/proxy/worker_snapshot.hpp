// WorkerSnapshot: a worker's hold on the configuration in force. An exchange pins it with an ordinary increment, so
// that no counter is shared between workers on a request's way; the shared pointer inside is touched once a reload.
// One thread.
#pragma once

#include <memory>
#include <utility>

#include "gatehouse/filters/inspection.hpp"
#include "gateway/proxy/snapshot.hpp"

namespace gatehouse::proxy {

class WorkerSnapshot {
 public:
  /// Keeps the snapshot alive until it is gone.
  class Pin {
   public:
    Pin() = default;
    explicit Pin(WorkerSnapshot* held) noexcept : held_(held) {
      if (held_ != nullptr) ++held_->pins_;
    }
    Pin(Pin&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Pin(const Pin& other) noexcept : Pin(other.held_) {}
    Pin& operator=(Pin&& other) noexcept {
      std::swap(held_, other.held_);
      return *this;
    }
    ~Pin() {
      if (held_ != nullptr && --held_->pins_ == 0) delete held_;
    }
    WorkerSnapshot* operator->() const noexcept { return held_; }
    const Snapshot& operator*() const noexcept { return *held_->snapshot_; }

   private:
    WorkerSnapshot* held_{nullptr};
  };

  /// `seed` lets the workers' rotations start at different endpoints.
  static Pin make(std::shared_ptr<const Snapshot> snapshot, std::uint64_t seed) {
    return Pin(new WorkerSnapshot(std::move(snapshot), seed));
  }

  const Snapshot& snapshot() const noexcept { return *snapshot_; }
  /// Where this worker stands in the group's rotation.
  upstream::GroupPicker& picker(std::uint32_t group_index) noexcept { return *pickers_[group_index]; }
  /// What this worker's inspections with a web ACL's rules share.
  filters::Workspace& workspace(std::uint32_t web_acl_index) noexcept { return *workspaces_[web_acl_index]; }

 private:
  WorkerSnapshot(std::shared_ptr<const Snapshot> snapshot, std::uint64_t seed);

  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<std::unique_ptr<upstream::GroupPicker>> pickers_;
  std::vector<std::unique_ptr<filters::Workspace>> workspaces_;
  std::uint32_t pins_{0};
};

}  // namespace gatehouse::proxy

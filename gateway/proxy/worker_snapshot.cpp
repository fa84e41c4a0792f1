#include "gateway/proxy/worker_snapshot.hpp"

namespace gatehouse::proxy {

WorkerSnapshot::WorkerSnapshot(std::shared_ptr<const Snapshot> snapshot, std::uint64_t seed) : snapshot_(std::move(snapshot)) {
  for (const auto& group : snapshot_->groups) {
    pickers_.push_back(std::make_unique<upstream::GroupPicker>(group->group, seed));
  }
  for (const auto& acl : snapshot_->web_acls) workspaces_.push_back(std::make_unique<filters::Workspace>(*acl->rules));
}

}  // namespace gatehouse::proxy

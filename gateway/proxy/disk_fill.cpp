#include "gateway/proxy/disk_fill.hpp"

#include <utility>

namespace gatehouse::proxy {

cache::BodyRef DiskFill::make_body(const cache::Key& key, std::optional<std::uint64_t> length) {
  if (disk_ == nullptr || !length || *length <= in_memory_max_) return {};
  return disk_->begin(key, length);
}

void DiskFill::begin(const cache::ObjectRef& object) {
  object_ = object;
  disk_->announce(object_);
}

runtime::Task<> DiskFill::take_over(const cache::Object& object, runtime::Worker& worker) {
  if (disk_ == nullptr) co_return;
  const cache::BodyRef body = disk_->begin(object.key(), std::nullopt);
  if (!body) co_return;
  object_ = cache::Object::with_body(object, body);
  if (!object_) co_return;
  copied_ = true;
  disk_->announce(object_);
  cache::Reader so_far(worker, object.body());
  for (auto piece = so_far.at_hand(); piece && *piece && object_; piece = so_far.at_hand()) {
    append((*piece)->bytes);
    co_await room(worker);
  }
}

void DiskFill::append(std::span<const char> bytes) {
  if (!object_ || !copied_) return;
  object_->body()->append(bytes);
  bytes_ += bytes.size();
  if (bytes_ > disk_->object_max()) give_up();
}

runtime::Task<> DiskFill::room(runtime::Worker& worker) {
  if (!object_) co_return;
  const cache::BodyRef body = object_->body();
  co_await body->room(worker);
  if (object_ && !body->pages()->kept()) give_up();
}

/// It is not kept. Where the body is the clients' own, they still get all of it.
void DiskFill::give_up() {
  if (copied_) object_->body()->fail(exchange::fault_of(exchange::Errc::stored_lost));
  withdraw();
}

void DiskFill::finish() {
  if (!object_) return;
  if (copied_) object_->body()->finish();
  disk_->complete(std::exchange(object_, {}));
}

void DiskFill::fail(exchange::Fault fault) {
  if (object_ && copied_) object_->body()->fail(fault);
  withdraw();
}

void DiskFill::withdraw() noexcept {
  if (object_) disk_->withdraw(*object_);
  object_ = {};
}

}  // namespace gatehouse::proxy

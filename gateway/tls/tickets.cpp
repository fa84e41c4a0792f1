#include "gateway/tls/tickets.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstring>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::tls {
namespace {

TicketKey fresh_key() {
  TicketKey key;
  // A system without randomness cannot speak TLS at all, so there is nothing to fall back to.
  GH_ASSERT(RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1);
  GH_ASSERT(RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1);
  GH_ASSERT(RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1);
  return key;
}

}  // namespace

TicketKeys::TicketKeys(std::chrono::milliseconds period, Time now)
    : period_(period), rotated_(now), previous_(fresh_key()), current_(fresh_key()), next_(fresh_key()) {
  GH_ASSERT(period.count() > 0);
}

TicketKeys::~TicketKeys() {
  for (TicketKey* key : {&previous_, &current_, &next_}) OPENSSL_cleanse(key, sizeof *key);
}

void TicketKeys::tick(Time now) {
  const std::lock_guard lock(mutex_);
  // After a long sleep three rotations replace every key; more would change nothing.
  for (int i = 0; i < 3 && now - rotated_ >= period_; ++i) {
    rotate_locked();
    rotated_ += period_;
  }
  if (now - rotated_ >= period_) rotated_ = now;
}

void TicketKeys::rotate() {
  const std::lock_guard lock(mutex_);
  rotate_locked();
}

void TicketKeys::rotate_locked() {
  OPENSSL_cleanse(&previous_, sizeof previous_);
  previous_ = current_;
  current_ = next_;
  next_ = fresh_key();
  ++rotations_;
}

void TicketKeys::set_period(std::chrono::milliseconds period) {
  GH_ASSERT(period.count() > 0);
  const std::lock_guard lock(mutex_);
  period_ = period;
}

std::chrono::milliseconds TicketKeys::period() const {
  const std::lock_guard lock(mutex_);
  return period_;
}

std::uint64_t TicketKeys::rotations() const {
  const std::lock_guard lock(mutex_);
  return rotations_;
}

TicketKey TicketKeys::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

TicketKeys::Found TicketKeys::find(const unsigned char* name, TicketKey& key) const {
  const std::lock_guard lock(mutex_);
  for (const TicketKey* candidate : {&current_, &previous_, &next_}) {
    if (std::memcmp(candidate->name.data(), name, candidate->name.size()) != 0) continue;
    key = *candidate;
    return candidate == &current_ ? Found::current : Found::other;
  }
  return Found::none;
}

}  // namespace gatehouse::tls

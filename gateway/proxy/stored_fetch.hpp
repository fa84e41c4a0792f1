// Content that lies here, in the shape of an origin's, so that what relays and screens responses need not know where it comes
// from: StoredFetch is one run of a stored body, GatheredFetch texts and runs of bodies one after the other. Content goes out
// from where it lies. One thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gateway/cache/body.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

/// A fetch that asks no origin for anything.
class ContentFetch : public exchange::Fetch {
 public:
  Task<Try<void>> send_head(const http::Request&, std::string_view, exchange::Piece) override { return nothing<void>(); }
  Task<Try<void>> send_body(exchange::Piece, const http::FieldList*) override { return nothing<void>(); }
  Task<Try<http::Response*>> read_head(http::Method, std::chrono::milliseconds) override { return nothing<http::Response*>(); }
  bool head_begun() const noexcept override { return true; }
  void stop_sending() noexcept override {}
  exchange::Wire* splice_source(std::uint64_t&) noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  const http::FieldList* response_trailers() const noexcept override { return nullptr; }
  /// Whether body_at_hand() has nothing because the content lies on a disk that takes its time.
  virtual bool awaits_disk() const noexcept = 0;

 private:
  template <class T>
  static Task<Try<T>> nothing() { return Task<Try<T>>::now(Failure{exchange::fault_of(exchange::Errc::internal)}); }
};

class StoredFetch final : public ContentFetch {
 public:
  explicit StoredFetch(std::unique_ptr<cache::Reader> reader) noexcept : reader_(std::move(reader)) {}

  /// Those of a body that is read to its end.
  const http::FieldList* response_trailers() const noexcept override;

  Try<exchange::Piece> body_at_hand() override {
    auto piece = reader_->at_hand();
    return piece ? *piece : Try<exchange::Piece>(exchange::Piece{});
  }
  Task<Try<exchange::Piece>> read_body() override { return reader_->next(); }
  void stop_reading() noexcept override { reader_->stop(); }
  bool awaits_disk() const noexcept override { return reader_->awaits_disk(); }

 private:
  std::unique_ptr<cache::Reader> reader_;
  mutable std::unique_ptr<http::FieldList> trailers_;  // once somebody has asked, and there are some
};

class GatheredFetch final : public ContentFetch {
 public:
  /// What comes next. Texts must outlive the fetch.
  void add(std::string_view text) { sections_.push_back({text, nullptr}); }
  void add(std::unique_ptr<cache::Reader> reader) { sections_.push_back({{}, std::move(reader)}); }

  Try<exchange::Piece> body_at_hand() override;
  Task<Try<exchange::Piece>> read_body() override;
  void stop_reading() noexcept override;
  bool awaits_disk() const noexcept override { return at_ < sections_.size() && sections_[at_].reader && sections_[at_].reader->awaits_disk(); }

 private:
  struct Section {
    std::string_view text;
    std::unique_ptr<cache::Reader> reader;  // null: the text
  };
  std::optional<Try<exchange::Piece>> now();
  Task<Try<exchange::Piece>> wait();
  exchange::Piece step(exchange::Piece piece) noexcept;

  std::vector<Section> sections_;
  std::size_t at_{0};
  bool stopped_{false};
};

}  // namespace gatehouse::proxy

// The text form that Prometheus scrapes (exposition format 0.0.4): families with HELP and TYPE, samples with escaped
// labels. A family is written once, all its samples together, as the format asks. Pure text; control thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "gateway/observe/histogram.hpp"

namespace gatehouse::observe {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

class PrometheusText {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  /// Begins a family. What follows belongs to it.
  void family(std::string_view name, std::string_view help, MetricType type);
  void sample(Labels labels, std::uint64_t value);
  void sample(Labels labels, double value);
  /// The buckets, sum and count of one series, in seconds.
  void histogram(Labels labels, const HistogramSum& sum);

  const std::string& text() const& noexcept { return out_; }
  std::string text() && noexcept { return std::move(out_); }

 private:
  void begin_sample(std::string_view suffix, Labels labels, std::string_view le);

  std::string out_;
  std::string name_;
};

}  // namespace gatehouse::observe

#include "gateway/observe/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gatehouse::observe {
namespace {

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  return "untyped";
}

/// Backslash and line feed are escaped everywhere, the quote in label values only.
void append_escaped(std::string& out, std::string_view text, bool label) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && label) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void PrometheusText::family(std::string_view name, std::string_view help, MetricType type) {
  name_ = name;
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help, false);
  out_.append("\n# TYPE ").append(name).append(" ").append(type_name(type)).append("\n");
}

void PrometheusText::begin_sample(std::string_view suffix, Labels labels, std::string_view le) {
  out_.append(name_).append(suffix);
  char before = '{';
  const auto append = [&](std::string_view name, std::string_view value) {
    out_ += before;
    out_.append(name).append("=\"");
    append_escaped(out_, value, true);
    out_ += '"';
    before = ',';
  };
  for (const Label& label : labels) append(label.name, label.value);
  if (!le.empty()) append("le", le);
  if (before == ',') out_ += '}';
  out_ += ' ';
}

void PrometheusText::sample(Labels labels, std::uint64_t value) {
  begin_sample("", labels, "");
  out_.append(std::to_string(value)).append("\n");
}

void PrometheusText::sample(Labels labels, double value) {
  begin_sample("", labels, "");
  out_.append(number(value)).append("\n");
}

void PrometheusText::histogram(Labels labels, const HistogramSum& sum) {
  std::uint64_t count = 0;
  for (const CumulativeBucket& bucket : cumulative(sum)) {
    begin_sample("_bucket", labels, number(bucket.le_seconds));
    out_.append(std::to_string(bucket.count)).append("\n");
    count = bucket.count;
  }
  begin_sample("_sum", labels, "");
  out_.append(number(static_cast<double>(sum.sum_ns) / 1e9)).append("\n");
  begin_sample("_count", labels, "");
  out_.append(std::to_string(count)).append("\n");
}

}  // namespace gatehouse::observe

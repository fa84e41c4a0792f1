// @ipMatch @ipMatchFromFile @geoLookup @rbl: what is known of an address.
#include "core/ascii.hpp"
#include "gatehouse/filters/ip_set.hpp"
#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

class IpMatch final : public Operator {
 public:
  explicit IpMatch(const std::vector<Cidr>& blocks) : set_(blocks) {}
  bool matches(std::string_view value, MatchContext&) const override {
    const auto address = parse_address(value);
    return address && set_.contains(*address);
  }

 private:
  IpSet set_;
};

class GeoLookup final : public Operator {
 public:
  bool matches(std::string_view value, MatchContext& context) const override {
    const auto address = parse_address(value);
    return address && context.locate(*address);
  }
  bool depends_on_value_only() const noexcept override { return false; }
};

class Rbl final : public Operator {
 public:
  explicit Rbl(std::string list) : list_(std::move(list)) {}
  bool matches(std::string_view value, MatchContext& context) const override { return context.listed(list_, value); }
  bool depends_on_value_only() const noexcept override { return false; }

 private:
  std::string list_;
};

/// Adds the blocks of a list that is split at any of `separators`.
std::optional<OperatorProblem> add_blocks(std::string_view list, std::string_view separators, std::vector<Cidr>& blocks) {
  while (!list.empty()) {
    const std::size_t end = list.find_first_of(separators);
    const std::string_view item = trimmed(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    if (item.empty() || item.front() == '#') continue;
    const auto block = parse_cidr(item, HostBits::clear);
    if (!block) return OperatorProblem{block.error().message, block.error().hint};
    blocks.push_back(*block);
  }
  return std::nullopt;
}

}  // namespace

MadeOperator make_ip_match(const OperatorSource& source) {
  std::vector<Cidr> blocks;
  if (const auto problem = add_blocks(source.text, ",", blocks)) return Failure{*problem};
  return std::shared_ptr<Operator>(std::make_shared<IpMatch>(blocks));
}

MadeOperator make_ip_match_from_file(const OperatorSource& source) {
  const auto name = trimmed(source.text);
  const auto text = source.files == nullptr ? std::nullopt : source.files->read(name);
  if (!text) return Failure{OperatorProblem{"cannot read the file '" + std::string(name) + "'", ""}};
  std::vector<Cidr> blocks;
  if (const auto problem = add_blocks(*text, "\n", blocks)) return Failure{*problem};
  return std::shared_ptr<Operator>(std::make_shared<IpMatch>(blocks));
}

MadeOperator make_geo_lookup(const OperatorSource&) { return std::shared_ptr<Operator>(std::make_shared<GeoLookup>()); }

MadeOperator make_rbl(const OperatorSource& source) {
  return std::shared_ptr<Operator>(std::make_shared<Rbl>(std::string(trimmed(source.text))));
}

}  // namespace gatehouse::filters

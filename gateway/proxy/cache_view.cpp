#include "gateway/proxy/cache_view.hpp"

#include <algorithm>
#include <deque>
#include <memory>

#include "gateway/cache/vary.hpp"
#include "gateway/http/field_line.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {
namespace {

using cache::Freshness;
using cache::FreshnessFlag;

std::string state_of(const Freshness& freshness, cache::Purged purged, std::int64_t now_ms) {
  if (purged != cache::Purged::valid) return "purged";
  if (freshness.has(FreshnessFlag::no_cache)) return "always-validate";
  return freshness.fresh(now_ms) ? "fresh" : "stale";
}

std::string lifetime_of(const Freshness& freshness) {
  if (freshness.has(FreshnessFlag::policy_lifetime)) return "policy";
  if (freshness.has(FreshnessFlag::heuristic)) return "heuristic";
  return freshness.has(FreshnessFlag::explicit_lifetime) ? "explicit" : "none";
}

/// Takes the next piece off a text.
std::string_view next(std::string_view& rest, char separator) noexcept {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return piece;
}

KeyedPart keyed_part(std::string_view line) {
  const std::string_view kind = next(line, ' ');
  KeyedPart part{std::string(kind), {}, std::nullopt};
  const std::string_view separator = kind == "header" ? ": " : kind == "cookie" ? "=" : "";
  const std::size_t at = line.find(separator);
  if (separator.empty()) {
    part.value = line;
  } else {
    part.name = line.substr(0, at);
    if (at != std::string_view::npos) part.value = line.substr(at + separator.size());
  }
  return part;
}

/// The lines of describe_key() without the listener's, and the parameters of the key's URL.
std::vector<KeyedPart> keyed_parts(std::string_view lines, std::string_view key_text) {
  std::vector<KeyedPart> parts;
  next(lines, '\n');
  while (!lines.empty()) parts.push_back(keyed_part(next(lines, '\n')));
  const std::size_t question = key_text.find('?');
  std::string_view query = question == std::string_view::npos ? std::string_view() : key_text.substr(question + 1);
  while (!query.empty()) {
    std::string_view parameter = next(query, '&');
    const bool valued = parameter.find('=') != std::string_view::npos;
    const std::string name(next(parameter, '='));
    parts.push_back({"parameter", name, valued ? std::optional<std::string>(parameter) : std::nullopt});
  }
  return parts;
}

StoredView view_of(const cache::Object& object, cache::Purged purged, std::int64_t now_ms) {
  const Freshness& freshness = object.freshness();
  StoredView view;
  view.url = object.key_text();
  view.status = object.status();
  view.complete = object.body()->complete();
  view.length = object.body()->length().value_or(0);
  view.state = state_of(freshness, purged, now_ms);
  view.lifetime_from = lifetime_of(freshness);
  view.stored_at_ms = freshness.response_ms;
  view.age_s = freshness.age_s(now_ms);
  view.lifetime_s = freshness.lifetime_s;
  view.ttl_s = freshness.ttl_ms(now_ms) / 1000;
  view.stale_while_revalidate_s = freshness.stale_while_revalidate_s;
  view.stale_if_error_s = freshness.stale_if_error_s;
  view.must_revalidate = freshness.has(FreshnessFlag::must_revalidate);
  view.vary = object.vary_names();
  view.selector = object.selector();
  view.keyed = keyed_parts(object.keyed(), object.key_text());
  view.tags = object.tags().size();
  return view;
}

using Objects = std::vector<cache::ObjectRef>;

/// All variants of one key. The lookup's function sees each of them.
void add_objects(SharedCache& shared, const cache::Key& key, Objects& out) {
  shared.store.find(key, [&](const cache::Object& object) {
    out.emplace_back(const_cast<cache::Object*>(&object));
    return false;
  });
}

/// Those of a URL whose keys have what nobody can guess, found by their texts.
void add_objects_by_text(SharedCache& shared, const CompiledListener& listener, std::string_view url, Objects& out) {
  const std::string begin = "listener " + listener.config->name + "\n";
  for (std::size_t shard = 0; shard < shared.store.shards(); ++shard) {
    shared.store.sweep(shard, [&](const cache::Object& object) {
      const bool its = object.key_text() == url && object.keyed().starts_with(begin);
      if (its && std::ranges::find(out, &object, &cache::ObjectRef::get) == out.end()) out.emplace_back(const_cast<cache::Object*>(&object));
      return true;
    });
  }
}

/// The request of a question, with all that its views are of.
class Asked {
 public:
  Asked(const http::Target& target, const std::vector<std::string>* fields) : request_(std::make_unique<http::Request>()) {
    request_->method = http::Method::get;
    request_->method_text = "GET";
    request_->authority = target.authority;
    request_->path = target.path;
    request_->query = target.query;
    request_->has_query = target.has_query;
    if (fields == nullptr) return;
    for (const std::string& field : *fields) {
      const std::size_t colon = field.find(':');
      const std::string_view value = http::trim(std::string_view(field).substr(colon + 1));
      lines_.push_back(field.substr(0, colon) + ": " + std::string(value) + "\r\n");
      request_->fields.push(http::field_of_line(lines_.back(), colon));
    }
  }
  http::Request& request() noexcept { return *request_; }

 private:
  std::unique_ptr<http::Request> request_;
  std::deque<std::string> lines_;
};

std::string shown(const std::optional<std::string>& value) { return value ? "\"" + *value + "\"" : "none"; }

/// How the key of a request differs from that of a stored response; `count` grows by each difference.
std::string differences(const std::vector<KeyedPart>& asked, const std::vector<KeyedPart>& stored, std::size_t& count) {
  std::string out;
  const auto value_in = [](const std::vector<KeyedPart>& parts, const KeyedPart& like) {
    const auto found = std::ranges::find_if(parts, [&](const KeyedPart& part) { return part.kind == like.kind && part.name == like.name; });
    return found == parts.end() ? std::optional<std::string>() : found->value;
  };
  const auto add = [&](const KeyedPart& part, const std::optional<std::string>& mine, const std::optional<std::string>& theirs) {
    ++count;
    out += (out.empty() ? "" : "; ") + part.kind + (part.name.empty() ? "" : " " + part.name) + " is " + shown(mine) + " here, " + shown(theirs) + " there";
  };
  for (const KeyedPart& part : asked) {
    if (const auto theirs = value_in(stored, part); theirs != part.value) add(part, part.value, theirs);
  }
  for (const KeyedPart& part : stored) {
    const bool seen = std::ranges::any_of(asked, [&](const KeyedPart& mine) { return mine.kind == part.kind && mine.name == part.name; });
    if (!seen && part.value) add(part, std::nullopt, part.value);
  }
  return out;
}

/// One listener's view of a question.
struct Inquiry {
  const Snapshot& snapshot;
  const CompiledListener& listener;
  const CompiledBehavior& behavior;
  const http::Request& request;
  std::int64_t now_ms;
  RequestKey key;
  std::vector<KeyedPart> keyed;
  std::size_t first;  // of the listener's objects in the explanation
};

/// What the object that fits makes of the request.
void judge_object(const Inquiry& inquiry, const cache::Object& object, AskedView& out) {
  const cache::RequestClass wishes = cache::classify(inquiry.behavior.policy->policy, inquiry.request);
  const Freshness& freshness = object.freshness();
  const bool valid = inquiry.snapshot.cache->store.purges().check(object) == cache::Purged::valid;
  if (valid && cache::usable(wishes, freshness, inquiry.now_ms)) {
    out.result = "hit";
    out.why = "key and fields are the same, and it may be used without asking the origin";
  } else if (!wishes.must_validate && cache::stale_while_revalidate(freshness, inquiry.now_ms)) {
    out.result = "stale";
    out.why = "it is stale and may be sent while it is fetched anew";
  } else {
    out.result = "revalidate";
    out.why = "the origin is asked whether it still holds";
  }
}

/// Why no stored response fits.
void judge_miss(const Inquiry& inquiry, const Objects& objects, const CacheExplanation& explanation, AskedView& out) {
  SharedCache& shared = *inquiry.snapshot.cache;
  out.result = "miss";
  if (shared.passing.has(inquiry.key.key, inquiry.now_ms)) {
    out.result = "pass";
    out.why = "the last response was not stored: " + std::string(shared.passing.why_not(inquiry.key.key));
    return;
  }
  out.why = "nothing is stored";
  std::size_t fewest = ~std::size_t{0};
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const cache::Object& object = *objects[i];
    if (object.key() == part_key(inquiry.key.key)) {
      if (fewest != 0) out.why = "only parts of it are stored";
      continue;
    }
    if (object.key() == inquiry.key.key) {
      std::string mine;
      cache::selector(object.vary_names(), inquiry.request.fields, mine);
      std::ranges::replace(mine, '\n', ' ');
      out.why = "what is stored varies by " + std::string(object.vary_names()) + ", which is " + mine + "in this request";
      fewest = 0;
      continue;
    }
    std::size_t count = 0;
    const std::string text = differences(inquiry.keyed, explanation.objects[inquiry.first + i].keyed, count);
    if (count == 0 || count >= fewest) continue;
    fewest = count;
    out.why = "its key differs from those stored; from object " + std::to_string(inquiry.first + i + 1) + ": " + text;
  }
}

AskedView judge(const Inquiry& inquiry, const Objects& objects, const CacheExplanation& explanation) {
  AskedView out;
  out.listener = inquiry.listener.config->name;
  out.behavior = inquiry.behavior.path.text();
  out.policy = inquiry.behavior.policy->policy.name;
  out.keyed = inquiry.keyed;
  const cache::RequestClass wishes = cache::classify(inquiry.behavior.policy->policy, inquiry.request);
  if (wishes.bypass != cache::Bypass::none) {
    out.result = "bypass";
    out.why = "such a request goes past the cache: " + std::string(cache::text(wishes.bypass));
    return out;
  }
  std::string scratch;
  const auto found = std::ranges::find_if(objects, [&](const cache::ObjectRef& object) {
    const cache::Variant variant{object->vary_names(), object->selector(), {}};
    return object->key() == inquiry.key.key && cache::match(variant, inquiry.request.fields, scratch) == cache::VariantMatch::exact;
  });
  if (found == objects.end()) {
    judge_miss(inquiry, objects, explanation, out);
  } else {
    out.object = inquiry.first + static_cast<std::size_t>(found - objects.begin());
    judge_object(inquiry, **found, out);
  }
  return out;
}

/// Everything of one listener that has the URL's key, whatever else is in it.
Objects objects_of(SharedCache& shared, const CompiledListener& listener, const CompiledBehavior& behavior, std::string_view url) {
  Objects objects;
  each_key_of_url(shared.store.secret(), listener, url, [&](const cache::Key& one) {
    add_objects(shared, one, objects);
    add_objects(shared, part_key(one), objects);
  });
  const cdn::OriginRequestRules* const rules = key_rules(behavior);
  const bool listed = rules != nullptr && (!rules->key_headers.names.empty() || rules->key_cookies.selection != cache::Selection::none);
  if (listed || (rules != nullptr && rules->options_cached)) add_objects_by_text(shared, listener, url, objects);
  std::erase_if(objects, [&](const cache::ObjectRef& object) { return shared.store.purges().check(*object) == cache::Purged::gone; });
  return objects;
}

}  // namespace

std::optional<std::string> normalised_url(std::string_view text) {
  const http::Target target = http::parse_target(text, false);
  if (target.form != http::TargetForm::absolute) return std::nullopt;
  std::string out;
  for (const char c : target.scheme) out += http::lower(c);
  const std::uint16_t own_port = out == "https" ? 443 : 80;
  out += "://";
  const bool plain = http::port_of(target.authority) == own_port;
  for (const char c : plain ? http::host_without_port(target.authority) : target.authority) out += http::lower(c);
  out += target.path;
  if (target.has_query) out.append("?").append(target.query);
  return out;
}

std::optional<CacheExplanation> explain_url(const Snapshot& snapshot, const CacheQuestion& question, std::int64_t now_ms) {
  const auto normalised = normalised_url(question.url);
  if (snapshot.cache == nullptr || !normalised) return std::nullopt;
  SharedCache& shared = *snapshot.cache;
  CacheExplanation out;
  out.url = *normalised;
  const http::Target target = http::parse_target(out.url, false);
  Asked asked(target, question.fields);
  http::Request& request = asked.request();
  runtime::BufferPool buffers;
  const net::Address nobody{};
  for (const auto& listener : snapshot.listeners) {
    const std::string& root_object = listener->config->default_root_object;
    const std::string root_path = "/" + root_object;
    request.path = !root_object.empty() && target.path == "/" ? std::string_view(root_path) : target.path;
    const CompiledBehavior* const behavior = behavior_for(*listener, request.path);
    if (behavior == nullptr) continue;
    exchange::Scratch scratch(buffers);
    const cdn::Viewer viewer{.request = request, .client = nobody, .secure = target.scheme == "https", .geo = snapshot.geo.get()};
    const KeyQuestion keyed{*listener, *behavior, request, target.scheme, &viewer};
    const RequestKey key = request_key(keyed, shared.store.secret(), scratch);
    const Objects objects = objects_of(shared, *listener, *behavior, key.text);
    Inquiry inquiry{snapshot, *listener, *behavior, request, now_ms, key, {}, out.objects.size()};
    for (const cache::ObjectRef& object : objects) {
      out.objects.push_back(view_of(*object, shared.store.purges().check(*object), now_ms));
      out.objects.back().listener = listener->config->name;
    }
    if (shared.passing.has(key.key, now_ms)) out.why_not.push_back(listener->config->name + ": " + std::string(shared.passing.why_not(key.key)));
    if (question.fields == nullptr) continue;
    inquiry.keyed = keyed_parts(describe_key(keyed, key.encoding, scratch), key.text);
    out.requests.push_back(judge(inquiry, objects, out));
  }
  return out;
}

}  // namespace gatehouse::proxy

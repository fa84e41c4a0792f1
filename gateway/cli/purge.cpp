// gatehouse purge: has a running gateway forget stored responses.
#include <boost/json.hpp>
#include <iostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/admin_options.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;

struct PurgeOptions : AdminOptions {
  std::vector<std::string> urls, prefixes, hosts, tags;
  bool all{false};
  bool soft{false};
};

void add_list(json::object& body, std::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty()) body[name] = json::array(texts.begin(), texts.end());
}

/// A path of every host, or a tag, as in a CloudFront invalidation.
bool is_path(const std::string& text) noexcept { return text.starts_with('/') || text.starts_with('#'); }

int purge_command(const PurgeOptions& options, Output output) {
  json::object body;
  std::vector<std::string> urls, paths;
  for (const std::string& text : options.urls) (is_path(text) ? paths : urls).push_back(text);
  add_list(body, "urls", urls);
  add_list(body, "paths", paths);
  add_list(body, "prefixes", options.prefixes);
  add_list(body, "hosts", options.hosts);
  add_list(body, "tags", options.tags);
  if (options.all) body["all"] = true;
  if (body.empty()) {
    output.err << "gatehouse purge: nothing to purge: give a URL or a path, --prefix, --host, --tag or --all\n";
    return 2;
  }
  if (options.soft) body["soft"] = true;
  AdminRequest request;
  request.admin = options.admin;
  request.method = "POST";
  request.target = "/v1/cache/purge";
  request.body = json::serialize(body);
  const auto reply = ask_admin(request);
  if (!reply) return fail(reply.error(), output);
  if (!reply->ok()) return fail(*reply, options, output);
  if (wants_json(options)) {
    output.out << reply->body;
  } else {
    output.out << (options.soft ? "purged: stored responses count as stale from now on\n" : "purged: stored responses are gone\n");
  }
  return 0;
}

}  // namespace

void add_purge(Verb above) {
  auto options = std::make_shared<PurgeOptions>();
  Verb verb = above.verb("purge", "Have a running gateway forget stored responses");
  verb.option("URL", options->urls,
              "Absolute URLs whose responses go, all variants of each; or paths of all hosts as in a CloudFront invalidation: /img/a.png, '/img/*', '#tag'");
  verb.option("--prefix", options->prefixes, "Absolute URL that the path of those to go begins with, by whole segments").one_value_each();
  verb.option("--host", options->hosts, "Host whose responses go").one_value_each();
  verb.option("--tag", options->tags, "Tag of Surrogate-Key or Cache-Tag whose responses go").one_value_each();
  verb.flag("--all", options->all, "Everything goes");
  verb.flag("--soft", options->soft, "Count them as stale instead: they are fetched anew, and stand in while the origin fails");
  add_admin_options(verb, *options);
  verb.footer("When it returns, no request gets what was purged. It costs the same for any number of responses.\n");
  verb.does([options] { return purge_command(*options, Output{std::cout, std::cerr}); });
}

}  // namespace gatehouse::cli

// Keys of a static site: a folder of files in place of a target group's endpoints.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

const Section<RedirectAllRequestsTo>& redirect_all_section() {
  static const Section<RedirectAllRequestsTo> section{
      .meaning = "Every request is sent to another host, with its path and query, by 301.",
      .keys = {
          key("host_name", &RedirectAllRequestsTo::host_name, text(plain_text), "The other host; it may have a port.")
              .required()
              .source("RedirectAllRequestsTo.HostName"),
          key("protocol", &RedirectAllRequestsTo::protocol,
              choice<SiteProtocol>({{"http", SiteProtocol::http}, {"https", SiteProtocol::https}}), "The other URL's scheme.")
              .source("RedirectAllRequestsTo.Protocol"),
      }};
  return section;
}

}  // namespace

const Section<StaticSite>& static_site_section() {
  static const Section<StaticSite> section{
      .meaning = "Serves the files of a folder, as an S3 bucket serves a website. Folders are never listed.",
      .keys = {
          key("root", &StaticSite::root, text(file_name), "The folder. Nothing outside it can be reached, also not by symbolic links.")
              .required(),
          key("index_document", &StaticSite::index_document, text(plain_text), "The file that stands for a folder.")
              .source("IndexDocument.Suffix"),
          key("error_document", &StaticSite::error_document, text(plain_text),
              "The content of 403 and 404, a file below the root; not given, a short text.")
              .source("ErrorDocument.Key"),
          key("redirect_all_requests_to", &StaticSite::redirect_all_requests_to, maybe(redirect_all_section()),
              "Nothing is served from the folder, and all requests are sent elsewhere.")
              .source("RedirectAllRequestsTo"),
          key("hidden_files", &StaticSite::hidden_files, flag(),
              "Whether files and folders whose name begins with a dot are served; `/.well-known` always is."),
      }};
  return section;
}

}  // namespace gatehouse::config

#include "gateway/cdn/compression_rules.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace gatehouse::cdn {
namespace {

/// A response with the texts of its lines.
struct Message {
  explicit Message(std::vector<std::string> fields, std::uint64_t length = 5000) {
    response.status = 200;
    response.body = {http::BodyKind::counted, length};
    fields.push_back("Content-Length: " + std::to_string(length));
    for (const std::string& field : fields) add(field);
  }
  void add(std::string text) {
    const std::string& line = lines.emplace_back(std::move(text));
    http::Field made;
    made.line = line.data();
    made.name_size = static_cast<std::uint16_t>(line.find(':'));
    made.value_offset = static_cast<std::uint16_t>(made.name_size + 2);
    made.value_size = static_cast<std::uint32_t>(line.size() - made.value_offset);
    made.kind = http::field_kind(made.name());
    response.fields.push(made);
  }
  /// What is forwarded, but for the type.
  std::string head() const {
    std::string out;
    for (const http::Field& field : response.fields.all()) {
      if (!field.dropped && field.kind != http::FieldKind::content_type) out += std::string(field.name()) + "=" + std::string(field.value()) + ";";
    }
    return out;
  }
  std::deque<std::string> lines;
  http::Response response;
};

const std::string html = "Content-Type: text/html; charset=utf-8";

Codings both() {
  Codings codings;
  codings.insert(Coding::gzip);
  codings.insert(Coding::br);
  return codings;
}

bool may(const Message& message, unsigned minor = 1) {
  http::Request request;
  request.version_minor = static_cast<std::uint8_t>(minor);
  return may_compress(request, message.response, both());
}

TEST(CompressionRules, KnowTheTypesThatGain) {
  for (const char* type : {"text/html", "TEXT/HTML;charset=utf-8", "application/json ; x=y", "image/svg+xml", "vnd.apple.mpegurl",
                           "application/dash+xml", "text/x-component", "application/wasm"}) {
    EXPECT_TRUE(compressible_type(type)) << type;
  }
  for (const char* type : {"", ";", "image/png", "text/htmlx", "application/octet-stream", "text/", "video/mp4", "application/zip"}) {
    EXPECT_FALSE(compressible_type(type)) << type;
  }
  EXPECT_FALSE(compressible_type(std::string(300, 'a')));
}

TEST(CompressionRules, TakeAPageForAClientThatTakesACoding) {
  const Message message({html});
  EXPECT_TRUE(may(message));
  EXPECT_FALSE(may(message, 0)) << "HTTP/1.0";
  EXPECT_FALSE(may_compress({}, message.response, {}));
}

TEST(CompressionRules, TakeContentOfThousandToTenMillionBytes) {
  EXPECT_FALSE(may(Message({html}, 999)));
  EXPECT_TRUE(may(Message({html}, 1000)));
  EXPECT_TRUE(may(Message({html}, 10'000'000)));
  EXPECT_FALSE(may(Message({html}, 10'000'001)));
}

TEST(CompressionRules, TakeNoContentWhoseLengthTheOriginDidNotAnnounce) {
  Message message({html});
  message.response.body = {http::BodyKind::chunked, 0};
  EXPECT_FALSE(may(message));
  message.response.body = {http::BodyKind::counted, 5000};  // it happened to be there as a whole
  message.response.fields.drop(http::FieldKind::content_length);
  EXPECT_FALSE(may(message));
}

TEST(CompressionRules, TakeThreeStatuses) {
  Message message({html});
  for (const unsigned status : {200u, 403u, 404u}) {
    message.response.status = static_cast<std::uint16_t>(status);
    EXPECT_TRUE(may(message)) << status;
  }
  for (const unsigned status : {203u, 206u, 301u, 400u, 410u, 500u, 503u}) {
    message.response.status = static_cast<std::uint16_t>(status);
    EXPECT_FALSE(may(message)) << status;
  }
}

TEST(CompressionRules, LeaveAloneWhatIsCodedOrForbidden) {
  EXPECT_FALSE(may(Message({html, "Content-Encoding: gzip"})));
  EXPECT_FALSE(may(Message({html, "Content-Encoding: identity"})));
  EXPECT_FALSE(may(Message({html, "Cache-Control: max-age=60, No-Transform"})));
  EXPECT_FALSE(may(Message({html, "Cache-Control: max-age=60", "Cache-Control: no-transform"})));
  EXPECT_TRUE(may(Message({html, "Cache-Control: max-age=60"})));
  EXPECT_FALSE(may(Message({"Content-Type: image/png"})));
  EXPECT_FALSE(may(Message({})));
}

TEST(CompressionRules, MakeAHeadThatOfTheCompressedContent) {
  Message message({html, "ETag: \"v1\"", "Accept-Ranges: bytes", "Content-MD5: abc", "Digest: sha-256=x", "Repr-Digest: sha-256=:x:",
                   "Content-Digest: sha-256=:x:", "X-Kept: yes"});
  std::string room;
  const Marked marked = mark_compressed(message.response, Coding::br, room);
  EXPECT_TRUE(marked.done);
  EXPECT_TRUE(marked.tag_weakened);
  EXPECT_EQ(message.head(), "X-Kept=yes;content-encoding=br;etag=W/\"v1\";vary=Accept-Encoding;");
}

TEST(CompressionRules, LeaveAWeakTagAndDropOneThatIsNone) {
  std::string room;
  Message weak({html, "ETag: W/\"v1\""});
  EXPECT_FALSE(mark_compressed(weak.response, Coding::gzip, room).tag_weakened);
  EXPECT_EQ(weak.head(), "ETag=W/\"v1\";content-encoding=gzip;vary=Accept-Encoding;");
  Message bare({html, "ETag: v1"});
  EXPECT_FALSE(mark_compressed(bare.response, Coding::gzip, room).tag_weakened);
  EXPECT_EQ(bare.head(), "content-encoding=gzip;vary=Accept-Encoding;");
}

TEST(CompressionRules, AddToVaryOnlyWhatItDoesNotSay) {
  std::string room;
  Message other({html, "Vary: Origin"});
  mark_compressed(other.response, Coding::gzip, room);
  EXPECT_EQ(other.head(), "Vary=Origin;content-encoding=gzip;vary=Accept-Encoding;");
  Message same({html, "Vary: Origin, accept-encoding"});
  mark_compressed(same.response, Coding::gzip, room);
  EXPECT_EQ(same.head(), "Vary=Origin, accept-encoding;content-encoding=gzip;");
}

TEST(CompressionRules, ChangeNothingAboutAHeadThatIsMarkedAlready) {
  std::string first, second;
  Message message({html, "ETag: \"v1\"", "Vary: Accept-Encoding"});
  mark_compressed(message.response, Coding::gzip, first);
  const std::string head = message.head();
  EXPECT_FALSE(mark_compressed(message.response, Coding::gzip, second).tag_weakened);
  EXPECT_EQ(message.head(), "Vary=Accept-Encoding;etag=W/\"v1\";content-encoding=gzip;");
  EXPECT_EQ(head, "Vary=Accept-Encoding;content-encoding=gzip;etag=W/\"v1\";");
}

TEST(CompressionRules, GiveTheTagBackForValidation) {
  std::string room;
  Message message({html, "ETag: \"v1\""});
  mark_compressed(message.response, Coding::gzip, room);
  original_tag(message.response);
  EXPECT_EQ(message.head(), "content-encoding=gzip;etag=\"v1\";vary=Accept-Encoding;");
}

TEST(CompressionRules, ChangeNothingWhenThereIsNoPlace) {
  Message message({html, "ETag: \"v1\""});
  while (message.response.fields.all().size() < http::fields_max - 2) message.add("X-More: 1");
  const std::string before = message.head();
  std::string room;
  EXPECT_FALSE(mark_compressed(message.response, Coding::gzip, room).done);
  EXPECT_EQ(message.head(), before);
}

}  // namespace
}  // namespace gatehouse::cdn

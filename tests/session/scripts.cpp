// The table of exchanges.
#include "tests/session/script.hpp"

namespace gatehouse::session {
namespace {

std::string get(const std::string& target, const std::string& fields = "", const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\nHost: shop.example.com\r\n" + fields + "\r\n";
}

std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Content whose every part can be told from every other.
std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
  text.resize(size);
  return text;
}

std::string chunked(const std::string& body, std::size_t step, const std::string& trailers = "") {
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += step) {
    const std::string piece = body.substr(at, step);
    char size[20];
    std::snprintf(size, sizeof size, "%zx", piece.size());
    out += std::string(size) + "\r\n" + piece + "\r\n";
  }
  return out + "0\r\n" + trailers + "\r\n";
}

Script one(const std::string& name, const std::string& request, const Answer& answer, const Wanted& wanted) {
  Script script;
  script.name = name;
  script.client = {{request}};
  script.origin["/a"] = answer;
  script.replies = {wanted};
  return script;
}

// One table: an exchange a paragraph.
std::vector<Script> make() {
  const std::string chunked_fields = "Transfer-Encoding: chunked\r\n";
  const std::string body = content(600);
  const std::string large = content(300 * 1024);
  std::vector<Script> all;
  all.push_back(one("plain", get("/a"), {ok("hello")}, {"GET", 200, "hello"}));

  Script script = one("keep-alive", get("/a"), {ok("one")}, {"GET", 200, "one"});
  script.client.push_back({get("/b"), 1});
  script.client.push_back({get("/a"), 2});
  script.origin["/b"] = {ok("two")};
  script.replies = {{"GET", 200, "one"}, {"GET", 200, "two"}, {"GET", 200, "one"}};
  all.push_back(script);

  script = one("pipelined", get("/a") + get("/b") + get("/a"), {ok("one")}, {"GET", 200, "one"});
  script.origin["/b"] = {ok("two")};
  script.replies = {{"GET", 200, "one"}, {"GET", 200, "two"}, {"GET", 200, "one"}};
  all.push_back(script);

  const std::string post = get("/a", "Content-Length: 600\r\n", "POST") + body;
  all.push_back(one("counted up", post, {ok("got it")}, {"POST", 200, "got it"}));
  script = one("counted up, pipelined behind", post + get("/b"), {ok("got it")}, {"POST", 200, "got it"});
  script.origin["/b"] = {ok("two")};
  script.replies.push_back({"GET", 200, "two"});
  all.push_back(script);

  all.push_back(one("chunked up with trailers", get("/a", chunked_fields + "Trailer: x-sum\r\n", "PUT") + chunked(body, 90, "x-sum: 1\r\n"),
                    {ok("got it")}, {"PUT", 200, "got it"}));
  all.push_back(one("chunked down with trailers", get("/a", "TE: trailers\r\n"),
                    {"HTTP/1.1 200 OK\r\n" + chunked_fields + "\r\n" + chunked(body, 250, "x-sum: 2\r\n")}, {"GET", 200, body, "x-sum: 2"}));
  script = one("chunked both ways, content after the head", get("/a", chunked_fields, "POST"),
               {"HTTP/1.1 201 Created\r\n" + chunked_fields + "\r\n" + chunked(body, 100)}, {"POST", 201, body});
  for (std::size_t at = 0; at < body.size(); at += 300) script.client.push_back({"12c\r\n" + body.substr(at, 300) + "\r\n"});
  script.client.push_back({"0\r\n\r\n"});
  all.push_back(script);

  script = one("100-continue", get("/a", "Content-Length: 600\r\nExpect: 100-continue\r\n", "POST"), {ok("got it")}, {"POST", 200, "got it"});
  script.client.push_back({body, 0, true});
  all.push_back(script);
  script = one("100-continue that an early answer makes needless", get("/a", "Content-Length: 600\r\nExpect: 100-continue\r\n", "POST"),
               {"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!", true}, {"POST", 413, "no!"});
  script.ends_by_gateway = script.client_owes = true;
  all.push_back(script);

  all.push_back(one("HEAD", get("/a", "", "HEAD"), {"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n"}, {"HEAD", 200, ""}));
  all.push_back(one("304", get("/a", "If-None-Match: \"x\"\r\n"), {"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 600\r\n\r\n"},
                    {"GET", 304, ""}));
  all.push_back(one("204", get("/a", "", "DELETE"), {"HTTP/1.1 204 No Content\r\n\r\n"}, {"DELETE", 204, ""}));
  all.push_back(one("interim responses", get("/a"), {"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n" + ok("hello")}, {"GET", 200, "hello"}));
  all.push_back(one("until the origin closes", get("/a"), {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body, false, true}, {"GET", 200, body}));

  script = one("early response, content still owed", get("/a", "Content-Length: 100000\r\n", "POST") + body,
               {"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", true}, {"POST", 403, "no"});
  script.ends_by_gateway = script.client_owes = true;
  all.push_back(script);
  script = one("early response, the rest is read", get("/a", "Content-Length: 900\r\n", "POST") + body,
               {"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", true}, {"POST", 403, "no"});
  script.client.push_back({body.substr(0, 300) + get("/b"), 1});
  script.client_owes = true;  // ... before it has a reply
  script.origin["/b"] = {ok("two")};
  script.replies.push_back({"GET", 200, "two"});
  all.push_back(script);

  all.push_back(one("upgrade is not passed on", get("/a", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), {ok("plain")}, {"GET", 200, "plain"}));
  script = one("upgrade that nobody asked for", get("/a"), {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"},
               {"GET", 502, "<"});
  all.push_back(script);

  script = one("HTTP/1.0 client", "GET /a HTTP/1.0\r\nHost: shop.example.com\r\n\r\n",
               {"HTTP/1.1 200 OK\r\n" + chunked_fields + "\r\n" + chunked(body, 250)}, {"GET", 200, body});
  script.ends_by_gateway = true;
  all.push_back(script);
  script = one("close asked for", get("/a", "Connection: close\r\n"), {ok("bye")}, {"GET", 200, "bye"});
  script.ends_by_gateway = true;
  all.push_back(script);
  script = one("refused by the parser", "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {ok("never")}, {"GET", 400, "<"});
  script.ends_by_gateway = true;
  all.push_back(script);

  script = one("a head larger than a buffer", get("/a", "X-Long: " + content(15000) + "\r\nX-Long: " + content(15000) + "\r\n"),
               {ok("hello", "X-Long: " + content(12000) + "\r\nX-Long: " + content(12000) + "\r\n")}, {"GET", 200, "hello"});
  script.large = true;
  all.push_back(script);
  script = one("content larger than buffers, both ways", get("/a", "Content-Length: 307200\r\n", "PUT") + large, {ok(large)}, {"PUT", 200, large});
  script.large = true;
  all.push_back(script);
  script.name = "content larger than buffers, slow peers";
  script.client_pace = script.origin_pace = 20000;
  all.push_back(script);
  script = one("large chunks, slow peers", get("/a", chunked_fields, "POST") + chunked(large, 70000),
               {"HTTP/1.1 200 OK\r\n" + chunked_fields + "\r\n" + chunked(large, 90000)}, {"POST", 200, large});
  script.client_pace = script.origin_pace = 33000;
  script.large = true;
  all.push_back(script);
  return all;
}

}  // namespace

const std::vector<Script>& scripts() {
  static const std::vector<Script> all = make();
  return all;
}

}  // namespace gatehouse::session

// The bench's origin: a small HTTP/1.1 server on one epoll loop that costs as little as it can, so that the gateway in
// front of it is what is measured. GET only, keep-alive, pipelining; answers are made once at start.
//
//   bench_origin PORT      prints `ready PORT` when it listens on 127.0.0.1 (PORT 0: any)
//
//   /1k /64k   a body of that size under a realistic head     /healthz  200
//   /stored/1k /stored/64k   the same, for caches to keep
//   /count     {"connections": accepted so far, "requests": answered so far}
//   /head      the request head as it arrived, so that what a peer adds can be checked
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

struct Counts {
  std::uint64_t connections{0};
  std::uint64_t requests{0};
};

constexpr std::string_view for_nobody = "private, max-age=0";
constexpr std::string_view for_all = "public, max-age=86400";

/// The time when the program started: a response that is to be stored must not be old.
std::string date_now() {
  std::array<char, 64> text{};
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", ::gmtime_r(&now, &parts))};
}

/// A head of the size and kind that application servers send.
std::string reply(int status, std::string_view body, std::string_view type, std::string_view control = for_nobody) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Not Found") + "\r\n";
  text += "Server: origin\r\nDate: " + date_now() + "\r\nContent-Type: " + std::string(type) + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\nCache-Control: " + std::string(control) + "\r\n";
  text += "ETag: \"5f8e2b-1c4a90\"\r\nLast-Modified: Sun, 04 Jan 2026 08:30:00 GMT\r\nVary: Accept-Encoding\r\n";
  text += "X-Request-Id: 0f9d3c52-6a7e-4f0b-9d57-2b1c8e4a6f10\r\n\r\n";
  return text.append(body);
}

/// Printable bytes that do not repeat within a line.
std::string filler(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + (i * 31 + i / 89) % 90);
  return text;
}

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(fd_); }

  /// Reads, answers and writes until the socket would block. False when the connection is over.
  bool go_on(Counts& counts);

 private:
  bool flush();
  void answer(std::string_view head, Counts& counts);

  int fd_;
  std::size_t filled_{0};
  std::string_view left_;  // of an answer made at start
  std::string made_;       // an answer made for this request
  std::array<char, 16384> in_;
};

const std::string kib_1 = reply(200, filler(1024), "text/html; charset=utf-8");
const std::string kib_64 = reply(200, filler(65536), "text/html; charset=utf-8");
const std::string stored_1 = reply(200, filler(1024), "text/html; charset=utf-8", for_all);
const std::string stored_64 = reply(200, filler(65536), "text/html; charset=utf-8", for_all);
const std::string healthy = reply(200, "ok\n", "text/plain");
const std::string unknown = reply(404, "unknown path\n", "text/plain");

bool Connection::flush() {
  while (!left_.empty()) {
    const ssize_t n = ::send(fd_, left_.data(), left_.size(), MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN;
    left_.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void Connection::answer(std::string_view head, Counts& counts) {
  // The path's last part decides, so that a peer may route by a prefix.
  const std::string_view target = head.substr(4, head.find(' ', 4) - 4);
  const std::string_view last = target.substr(target.rfind('/') + 1);
  const bool stored = target.starts_with("/stored/");
  if (last == "1k") {
    left_ = stored ? stored_1 : kib_1;
  } else if (last == "64k") {
    left_ = stored ? stored_64 : kib_64;
  } else if (last == "healthz") {
    left_ = healthy;
  } else if (last == "count") {
    made_ = reply(200,
                  "{\"connections\": " + std::to_string(counts.connections) +
                      ", \"requests\": " + std::to_string(counts.requests) + "}\n",
                  "application/json");
    left_ = made_;
  } else if (last == "head") {
    made_ = reply(200, head, "text/plain");
    left_ = made_;
  } else {
    left_ = unknown;
  }
  ++counts.requests;
}

bool Connection::go_on(Counts& counts) {
  for (;;) {
    if (!flush()) return false;
    if (!left_.empty()) return true;  // the peer is slow; the next edge goes on
    const std::string_view seen(in_.data(), filled_);
    const std::size_t end = seen.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      if (!seen.starts_with("GET ")) return false;
      answer(seen.substr(0, end + 4), counts);
      filled_ -= end + 4;
      std::copy_n(in_.data() + end + 4, filled_, in_.data());
      continue;
    }
    if (filled_ == in_.size()) return false;
    const ssize_t n = ::recv(fd_, in_.data() + filled_, in_.size() - filled_, 0);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN;
    filled_ += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 4096) != 0) die("listen");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("ready %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

void accept_all(int listener, int set, Counts& counts) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ++counts.connections;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = std::make_unique<Connection>(fd).release();  // owned by the loop below
    if (::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_origin PORT\n", stderr);
    return 2;
  }
  const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int set = ::epoll_create1(0);
  epoll_event on_listener{};
  on_listener.events = EPOLLIN;
  if (::epoll_ctl(set, EPOLL_CTL_ADD, listener, &on_listener) != 0) die("epoll_ctl");
  Counts counts;
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = ::epoll_wait(set, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) {
        accept_all(listener, set, counts);
      } else if (!connection->go_on(counts)) {
        delete connection;
      }
    }
  }
}

#include "gateway/net/resolver.hpp"

#include <ares.h>
#include <netdb.h>
#include <sys/time.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <initializer_list>
#include <map>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::seconds;

/// c-ares has one initialisation for the whole process.
int initialise_library() noexcept {
  static const int result = ::ares_library_init(ARES_LIB_INIT_ALL);
  return result;
}

const filters::Address loopback_v4 = filters::Address::from_v4(0x7f000001);
constexpr filters::Address loopback_v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

/// RFC 6761 6.3: localhost and what is below it are this machine, and DNS is not asked.
bool is_localhost(std::string_view name) noexcept {
  if (name.ends_with('.')) name.remove_suffix(1);
  constexpr std::string_view own = "localhost";
  if (name.size() < own.size()) return false;
  const std::string_view end = name.substr(name.size() - own.size());
  const bool same = std::equal(end.begin(), end.end(), own.begin(), [](char a, char b) { return (a | 0x20) == b; });
  return same && (name.size() == own.size() || name[name.size() - own.size() - 1] == '.');
}

bool v4_first(const Address& a, const Address& b) noexcept { return a.is_v4() != b.is_v4() ? a.is_v4() : a < b; }

}  // namespace

/// The channel with its sockets and timer. Handlers and lookups under way share it; stop() makes it deaf.
struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
  State(asio::io_context& io, Options options) : io(io), options(std::move(options)), timer(io) {}
  ~State() { stop(); }

  void start();
  void stop() noexcept;
  void ask(const std::string& host, std::uint16_t port, Answered answered);

  /// One question on its way through c-ares.
  struct Question {
    std::weak_ptr<State> state;
    std::uint16_t port;
    Answered answered;
  };
  /// One of c-ares' sockets and what it waits for.
  struct Watch {
    explicit Watch(asio::io_context& io, int fd) : descriptor(io, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool want_read{false};
    bool want_write{false};
    bool reading{false};
    bool writing{false};
  };

  static void on_socket(void* self, ares_socket_t fd, int readable, int writable);
  static void on_answer(void* question, int status, int timeouts, ares_addrinfo* found);
  void watch(ares_socket_t fd, bool readable, bool writable);
  void arm(const std::shared_ptr<Watch>& watch, ares_socket_t fd);
  void arm_timer();
  void process(ares_socket_t readable, ares_socket_t writable);
  void tell(Question& question, Resolution resolution);
  Resolution known(std::initializer_list<filters::Address> addresses, std::uint16_t port) const;
  Resolution resolution_of(int status, const ares_addrinfo* found, std::uint16_t port) const;

  asio::io_context& io;
  Options options;
  asio::steady_timer timer;
  ares_channel channel{nullptr};
  std::string broken;  // why there is no channel
  bool stopped{false};
  std::map<ares_socket_t, std::shared_ptr<Watch>> watches;
};

void Resolver::State::start() {
  ares_options settings{};
  settings.timeout = static_cast<int>(options.timeout.count());
  settings.tries = static_cast<int>(options.tries);
  settings.sock_state_cb = &State::on_socket;
  settings.sock_state_cb_data = this;
  char lookups[] = "fb";  // files, then DNS, whatever else the system's own resolver would ask
  settings.lookups = lookups;
  constexpr int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
  int status = initialise_library();
  if (status == ARES_SUCCESS) status = ::ares_init_options(&channel, &settings, given);
  if (status == ARES_SUCCESS && !options.servers.empty()) {
    status = ::ares_set_servers_ports_csv(channel, options.servers.c_str());
  }
  if (status != ARES_SUCCESS) broken = ::ares_strerror(status);
}

void Resolver::State::stop() noexcept {
  if (stopped) return;
  stopped = true;
  timer.cancel();
  // Tells every question ARES_EDESTRUCTION and closes the sockets, each of which on_socket() lets go of.
  if (channel != nullptr) ::ares_destroy(channel);
  channel = nullptr;
}

void Resolver::State::ask(const std::string& host, std::uint16_t port, Answered answered) {
  if (stopped) return;
  auto question = std::make_unique<Question>(Question{weak_from_this(), port, std::move(answered)});
  if (is_localhost(host)) return tell(*question, known({loopback_v4, loopback_v6}, port));
  // c-ares 1.18 takes an address for an address too, but asks DNS all the same.
  if (const auto ip = filters::parse_address(host)) return tell(*question, known({*ip}, port));
  if (!broken.empty()) return on_answer(question.release(), ARES_ENOTINITIALIZED, 0, nullptr);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT;
  ::ares_getaddrinfo(channel, host.c_str(), nullptr, &hints, &State::on_answer, question.release());
  arm_timer();
}

// callback: c-ares says what to wait for on a socket; nothing means that it is about to close it.
void Resolver::State::on_socket(void* self, ares_socket_t fd, int readable, int writable) {
  static_cast<State*>(self)->watch(fd, readable != 0, writable != 0);
}

void Resolver::State::watch(ares_socket_t fd, bool readable, bool writable) {
  auto& watch = watches[fd];
  if (!readable && !writable) {
    // The descriptor belongs to c-ares: it is taken out of Asio, not closed. Whoever waits on it is told.
    if (watch != nullptr) watch->descriptor.release();
    watches.erase(fd);
    return;
  }
  if (watch == nullptr) watch = std::make_shared<Watch>(io, fd);
  watch->want_read = readable;
  watch->want_write = writable;
  if (!stopped) arm(watch, fd);
}

void Resolver::State::arm(const std::shared_ptr<Watch>& watch, ares_socket_t fd) {
  using Descriptor = asio::posix::stream_descriptor;
  if (watch->want_read && !watch->reading) {
    watch->reading = true;
    watch->descriptor.async_wait(Descriptor::wait_read,
                                 [self = shared_from_this(), watch, fd](const error_code& error) {
                                   watch->reading = false;
                                   if (error || self->stopped) return;
                                   self->process(fd, ARES_SOCKET_BAD);
                                   if (watch->descriptor.is_open()) self->arm(watch, fd);
                                 });
  }
  if (watch->want_write && !watch->writing) {
    watch->writing = true;
    watch->descriptor.async_wait(Descriptor::wait_write,
                                 [self = shared_from_this(), watch, fd](const error_code& error) {
                                   watch->writing = false;
                                   if (error || self->stopped) return;
                                   self->process(ARES_SOCKET_BAD, fd);
                                   if (watch->descriptor.is_open()) self->arm(watch, fd);
                                 });
  }
}

void Resolver::State::process(ares_socket_t readable, ares_socket_t writable) {
  ::ares_process_fd(channel, readable, writable);
  if (!stopped) arm_timer();
}

/// For c-ares' own time limits: the next of them, as long as anything is asked.
void Resolver::State::arm_timer() {
  timeval room{};
  const timeval* const next = ::ares_timeout(channel, nullptr, &room);
  if (next == nullptr) {
    timer.cancel();
    return;
  }
  timer.expires_after(seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec));
  timer.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->stopped) self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

// callback: the end of a question, from within any call into c-ares, so the asker is told later.
void Resolver::State::on_answer(void* raw, int status, int, ares_addrinfo* found) {
  const std::unique_ptr<Question> question(static_cast<Question*>(raw));
  const std::shared_ptr<State> state = question->state.lock();
  if (state != nullptr && !state->stopped) state->tell(*question, state->resolution_of(status, found, question->port));
  if (found != nullptr) ::ares_freeaddrinfo(found);
}

void Resolver::State::tell(Question& question, Resolution resolution) {
  auto later = [state = shared_from_this(), answered = std::move(question.answered),
                resolution = std::move(resolution)] {
    if (!state->stopped) answered(resolution);
  };
  asio::post(io, std::move(later));
}

Resolution Resolver::State::known(std::initializer_list<filters::Address> addresses, std::uint16_t port) const {
  Resolution resolution;
  for (const filters::Address& address : addresses) resolution.addresses.emplace_back(address, port);
  resolution.ttl = options.ttl_max;
  return resolution;
}

Resolution Resolver::State::resolution_of(int status, const ares_addrinfo* found, std::uint16_t port) const {
  Resolution resolution;
  if (status != ARES_SUCCESS) {
    resolution.error = broken.empty() ? ::ares_strerror(status) : broken;
    return resolution;
  }
  std::chrono::milliseconds ttl = options.ttl_max;
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
    const Address address = Address::from_socket(node->ai_addr, static_cast<socklen_t>(node->ai_addrlen));
    if (!address.is_ip()) continue;
    resolution.addresses.push_back(address.with_port(port));
    ttl = std::min<std::chrono::milliseconds>(ttl, seconds(node->ai_ttl));
  }
  // An answer by way of aliases lasts no longer than the shortest-lived of them.
  for (const ares_addrinfo_cname* alias = found->cnames; alias != nullptr; alias = alias->next) {
    ttl = std::min<std::chrono::milliseconds>(ttl, seconds(alias->ttl));
  }
  std::sort(resolution.addresses.begin(), resolution.addresses.end(), v4_first);
  const auto end = std::unique(resolution.addresses.begin(), resolution.addresses.end());
  resolution.addresses.erase(end, resolution.addresses.end());
  resolution.ttl = std::max(ttl, options.ttl_min);
  if (resolution.addresses.empty()) resolution.error = "the name has no addresses";
  return resolution;
}

/// A name that is asked for again and again.
struct Resolver::Following::Entry : std::enable_shared_from_this<Resolver::Following::Entry> {
  Entry(std::shared_ptr<State> state, std::string host, std::uint16_t port, Answered answered)
      : state(std::move(state)),
        host(std::move(host)),
        port(port),
        answered(std::move(answered)),
        timer(this->state->io) {}

  void ask() {
    state->ask(host, port, [weak = weak_from_this()](const Resolution& resolution) {
      if (const auto self = weak.lock(); self && self->wanted) self->heard(resolution);
    });
  }

  void heard(const Resolution& resolution) {
    std::chrono::milliseconds pause = resolution.ttl;
    if (resolution.ok()) {
      failures = 0;
    } else {
      // 2^16 first pauses are beyond any sensible retry_max.
      pause = std::min(state->options.retry_first * (1 << std::min(failures, 16u)), state->options.retry_max);
      ++failures;
    }
    timer.expires_after(pause);
    timer.async_wait([weak = weak_from_this()](const error_code& error) {
      if (const auto self = weak.lock(); self && self->wanted && !error) self->ask();
    });
    answered(resolution);
  }

  std::shared_ptr<State> state;
  std::string host;
  std::uint16_t port;
  Answered answered;
  asio::steady_timer timer;
  unsigned failures{0};
  bool wanted{true};
};

Resolver::Following::Following(std::shared_ptr<Entry> entry) noexcept : entry_(std::move(entry)) {}

Resolver::Following::~Following() {
  entry_->wanted = false;
  entry_->timer.cancel();
}

Resolver::Resolver(asio::io_context& io) : Resolver(io, Options()) {}

Resolver::Resolver(asio::io_context& io, Options options) : state_(std::make_shared<State>(io, std::move(options))) {
  state_->start();
}

Resolver::~Resolver() { state_->stop(); }

void Resolver::lookup(const std::string& host, std::uint16_t port, Answered answered) {
  state_->ask(host, port, std::move(answered));
}

std::unique_ptr<Resolver::Following> Resolver::follow(std::string host, std::uint16_t port, Answered answered) {
  auto entry = std::make_shared<Following::Entry>(state_, std::move(host), port, std::move(answered));
  entry->ask();
  return std::make_unique<Following>(std::move(entry));
}

}  // namespace gatehouse::net

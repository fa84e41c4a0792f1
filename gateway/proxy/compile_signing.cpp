#include "gateway/proxy/compile_signing.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace gatehouse::proxy {
namespace {

constexpr std::size_t file_size_max = 64 * 1024;  // a key has a few kB

Result<std::shared_ptr<const tls::PublicKey>, std::string> load(const config::PublicKey& key) {
  GH_TRY(const std::string pem, read_key_file(key.public_key_file));
  auto made = tls::PublicKey::from_pem(pem);
  if (!made) return Failure{key.public_key_file + ": " + made.error()};
  return std::make_shared<const tls::PublicKey>(std::move(*made));
}

}  // namespace

Result<std::string, std::string> read_key_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(file_size_max + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.gcount() == 0 && errno != 0)) return Failure{path + ": cannot be read: " + std::strerror(errno)};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_size_max) return Failure{path + ": larger than 64 KiB, so not a key"};
  return text;
}

PublicKeys load_public_keys(const config::Config& config, config::Problems& problems) {
  PublicKeys keys;
  for (std::size_t i = 0; i < config.public_keys.size(); ++i) {
    const config::PublicKey& key = config.public_keys[i];
    const std::string field = "public_keys[" + std::to_string(i) + "].public_key_file";
    if (std::ranges::any_of(problems, [&](const config::Problem& problem) { return problem.field == field; })) continue;
    auto made = load(key);
    if (made) {
      keys.emplace(key.id, std::move(*made));
      continue;
    }
    config::Problem problem;
    problem.file = key.position.file;
    problem.line = key.position.line;
    problem.column = key.position.column;
    problem.field = field;
    problem.message = made.error();
    problem.hint = "openssl pkey -in private.pem -pubout makes the public key of a private one";
    problems.add(std::move(problem));
  }
  return keys;
}

std::unique_ptr<const cdn::TrustedKeys> trusted_keys(const config::Config& config, const config::Behavior& behavior, const PublicKeys& keys) {
  auto out = std::make_unique<cdn::TrustedKeys>();
  for (const config::KeyGroup& group : config.key_groups) {
    if (std::ranges::find(behavior.trusted_key_groups, group.name) == behavior.trusted_key_groups.end()) continue;
    for (const std::string& id : group.public_keys) {
      const auto found = keys.find(id);
      if (found != keys.end() && out->find(id) == nullptr) out->keys.push_back({id, found->second});
    }
  }
  return out;
}

}  // namespace gatehouse::proxy

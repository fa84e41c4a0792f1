// The public keys of a configuration, and which of them a behavior trusts. Control thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "gateway/cdn/signed_request.hpp"

namespace gatehouse::proxy {

using PublicKeys = std::map<std::string, std::shared_ptr<const tls::PublicKey>>;  // by id

/// Reads all keys. What is wrong with one is reported, unless `problems` has something about it already.
PublicKeys load_public_keys(const config::Config& config, config::Problems& problems);

/// The keys of the groups that the behavior names.
std::unique_ptr<const cdn::TrustedKeys> trusted_keys(const config::Config& config, const config::Behavior& behavior, const PublicKeys& keys);

/// A small file, as keys and secrets are; or why it cannot be read.
Result<std::string, std::string> read_key_file(const std::string& path);

}  // namespace gatehouse::proxy

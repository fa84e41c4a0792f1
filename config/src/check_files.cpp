// Whether the files a configuration names can be used: asked by `check` and before a start, not by load(), because a
// configuration may be written on another machine than the one that runs it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "gatehouse/config/load.hpp"
#include "gatehouse/filters/geo.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// One method for each kind of file; what is wrong collects here.
class FileChecks {
 public:
  Problems take() { return std::move(problems_); }

  /// A PEM file that has a block of that kind ("CERTIFICATE", "PRIVATE KEY") near its start.
  void pem(const std::string& path, std::string_view block, const std::string& field, const Position& position) {
    const std::string text = head_of(path, field, position);
    if (text.empty()) return;
    const std::size_t begin = text.find("-----BEGIN ");
    const std::size_t kind = text.find(std::string(block) + "-----");
    if (begin != std::string::npos && kind != std::string::npos) return;
    add(Severity::error, fmt::format("{} holds no PEM {}", quote(path), block), "", field, position);
  }

  /// A file with something in it.
  void readable(const std::string& path, const std::string& field, const Position& position) { head_of(path, field, position); }

  void not_readable_by_others(const std::string& path, const std::string& field, const Position& position) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
    add(Severity::warning, fmt::format("every user of the machine can read {}", quote(path)), "chmod o-r it", field,
        position);
  }

  void geo_database(const filters::GeoFiles& files, const std::string& field) {
    const auto opened = filters::GeoDatabase::open(files);
    if (!opened) add(Severity::error, opened.error(), "relative names start at the configuration file's folder", field, {});
  }

  void log_file(const std::string& path, const std::string& field) {
    if (path == "stdout" || path == "stderr" || path == "off") return;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const std::string where = folder.empty() ? "." : folder.string();
    const bool exists = ::access(path.c_str(), F_OK) == 0;
    if (::access(exists ? path.c_str() : where.c_str(), W_OK) == 0) return;
    add(Severity::error, fmt::format("cannot write {}: {}", quote(path), std::strerror(errno)), "", field, {});
  }

  /// A folder whose files can be reached.
  void folder(const std::string& path, const std::string& field, const Position& position) {
    struct stat status {};
    const bool known = ::stat(path.c_str(), &status) == 0;
    if (known && !S_ISDIR(status.st_mode)) errno = ENOTDIR;
    if (known && S_ISDIR(status.st_mode) && ::access(path.c_str(), X_OK) == 0) return;
    add(Severity::error, fmt::format("cannot use {}: {}", quote(path), std::strerror(errno)),
        "relative names start at the configuration file's folder", field, position);
  }

  void program(const std::string& path, const std::string& field, const Position& position) {
    // Names without a slash are looked up in PATH when the program is run.
    if (path.find('/') == std::string::npos || ::access(path.c_str(), X_OK) == 0) return;
    add(Severity::error, fmt::format("cannot run {}: {}", quote(path), std::strerror(errno)), "", field, position);
  }

 private:
  void add(Severity severity, std::string message, std::string hint, const std::string& field,
           const Position& position) {
    Problem problem;
    problem.severity = severity;
    problem.file = position.file;
    problem.line = position.line;
    problem.column = position.column;
    problem.field = field;
    problem.message = std::move(message);
    problem.hint = std::move(hint);
    problems_.add(std::move(problem));
  }

  /// The first part of the file; empty, and a problem, when there is nothing to read.
  std::string head_of(const std::string& path, const std::string& field, const Position& position) {
    std::array<char, 64 * 1024> buffer{};
    // O_NONBLOCK: a named pipe without a writer must not hold the check up.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const ssize_t count = file < 0 ? -1 : ::read(file, buffer.data(), buffer.size());
    const int why = errno;
    if (file >= 0) ::close(file);
    if (count > 0) return std::string(buffer.data(), static_cast<std::size_t>(count));
    const std::string reason = count == 0 ? "it is empty" : std::strerror(why);
    add(Severity::error, fmt::format("cannot read {}: {}", quote(path), reason),
        "relative names start at the configuration file's folder", field, position);
    return {};
  }

  Problems problems_;
};

void check_secret(const OriginAccessControl& control, const std::string& field, FileChecks& checks) {
  if (!control.secret_access_key_file.empty()) {
    checks.readable(control.secret_access_key_file, field + ".secret_access_key_file", control.position);
    checks.not_readable_by_others(control.secret_access_key_file, field + ".secret_access_key_file", control.position);
  }
  if (!control.secret_access_key_command.empty()) {
    checks.program(control.secret_access_key_command.front(), field + ".secret_access_key_command", control.position);
  }
}

}  // namespace

Problems check_files(const Config& config) {
  FileChecks checks;
  checks.log_file(config.logs.access.path, "logs.access.path");
  checks.log_file(config.logs.waf.path, "logs.waf.path");
  checks.geo_database({config.geo.database, {}}, "geo.database");
  checks.geo_database({{}, config.geo.asn_database}, "geo.asn_database");
  for (std::size_t i = 0; i < config.certificates.size(); ++i) {
    const Certificate& certificate = config.certificates[i];
    const std::string field = item("certificates", i);
    checks.pem(certificate.certificate_file, "CERTIFICATE", field + ".certificate_file", certificate.position);
    if (!certificate.private_key_file.empty()) {
      checks.pem(certificate.private_key_file, "PRIVATE KEY", field + ".private_key_file", certificate.position);
      checks.not_readable_by_others(certificate.private_key_file, field + ".private_key_file", certificate.position);
    }
    if (!certificate.private_key_command.empty()) {
      checks.program(certificate.private_key_command.front(), field + ".private_key_command", certificate.position);
    }
  }
  for (std::size_t i = 0; i < config.public_keys.size(); ++i) {
    const PublicKey& key = config.public_keys[i];
    checks.pem(key.public_key_file, "PUBLIC KEY", item("public_keys", i) + ".public_key_file", key.position);
  }
  for (std::size_t i = 0; i < config.target_groups.size(); ++i) {
    const TargetGroup& group = config.target_groups[i];
    const std::string field = item("target_groups", i);
    if (!group.tls.ca_file.empty()) checks.pem(group.tls.ca_file, "CERTIFICATE", field + ".tls.ca_file", group.position);
    if (group.static_site) checks.folder(group.static_site->root, field + ".static_site.root", group.static_site->position);
    if (group.origin_access_control) check_secret(*group.origin_access_control, field + ".origin_access_control", checks);
  }
  return checks.take();
}

}  // namespace gatehouse::config

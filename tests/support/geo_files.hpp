// Databases of places and networks for tests, written by write_geo_database.pl into the build folder when they are not there or
// older than what writes them.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace gatehouse::testing {

/// places(): 192.0.2.0/24 and 2001:db8:5e::/48 are Malmo, 198.51.100.0/25 Seattle, 203.0.113.0/24 Norway, 2001:db8:de::/48
/// Germany. networks(): 192.0.2.0/24 is AS64500, 2001:db8::/32 AS4200000000.
class GeoTestFiles {
 public:
  static const GeoTestFiles& get() {
    static const GeoTestFiles files;
    return files;
  }
  const std::string& places() const { return places_; }
  const std::string& networks() const { return networks_; }

 private:
  GeoTestFiles() : places_(written("places")), networks_(written("networks")) {}

  static std::string written(const std::string& what) {
    const std::string script = GATEHOUSE_SOURCE_DIR "/tests/support/write_geo_database.pl";
    const std::string name = GATEHOUSE_BINARY_DIR "/test-" + what + ".mmdb";
    std::error_code missing;
    const auto made = std::filesystem::last_write_time(name, missing);
    if (!missing && made > std::filesystem::last_write_time(script)) return name;
    // Several test programs may come here at once: each writes its own, and the last to rename wins.
    const std::string own = name + "." + std::to_string(getpid());
    const std::string command = "perl " + script + " " + what + " " + own;
    if (std::system(command.c_str()) != 0) throw std::runtime_error("libmaxmind-db-writer-perl is needed: " + command);
    std::filesystem::rename(own, name);
    return name;
  }

  std::string places_, networks_;
};

}  // namespace gatehouse::testing

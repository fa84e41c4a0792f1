// Collects what differs between two configurations, with the path of the field that is being compared. Named items are
// known by their names there (listeners[web].address), because positions move.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/config/diff.hpp"

namespace gatehouse::config {

class Comparison {
 public:
  class Step {
   public:
    Step(Comparison& comparison, std::string_view step, bool restart = false)
        : comparison_(comparison), length_(comparison.path_.size()), restart_(comparison.restart_) {
      if (length_ > 0 && !step.starts_with('[')) comparison.path_ += '.';
      comparison.path_ += step;
      comparison.restart_ = comparison.restart_ || restart;
    }
    ~Step() {
      comparison_.path_.resize(length_);
      comparison_.restart_ = restart_;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Comparison& comparison_;
    std::size_t length_;
    bool restart_;
  };

  void changed(const std::string& from, const std::string& to) { note(from + " -> " + to); }
  void added() { note("added"); }
  void removed() { note("removed"); }
  void note(std::string what);

  std::vector<Change> take() { return std::move(changes_); }

 private:
  std::vector<Change> changes_;
  std::string path_;
  bool restart_{false};
};

}  // namespace gatehouse::config

// A column of text, row by row; "" is missing. Its dictionary is in byte order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/table.hpp"

namespace journeykit::base {

class TextColumn {
 public:
  void add(std::string_view text) { rows_.emplace_back(text); }
  Category finish() const {
    Category out = categorize(rows_);
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      if (rows_[k].empty()) out.codes[k] = kMissingCode;
    }
    return out;
  }

 private:
  std::vector<std::string> rows_;
};

}  // namespace journeykit::base

// The exact sum of decimals (a long accumulator, Kulisch 1971): the same for any order of adding and merging.
#pragma once

#include <array>
#include <cstdint>

#include "journeykit/base/bytes.hpp"

namespace journeykit::metrics {

struct TwoDoubles {  // their sum, high being the rounded value
  double high = 0, low = 0;
};
TwoDoubles product(TwoDoubles a, TwoDoubles b);
TwoDoubles sum(TwoDoubles a, TwoDoubles b);
TwoDoubles exactly(std::int64_t value);

class ExactSum {
 public:
  void add(double value);                // finite
  void add_product(double a, double b);  // exactly, for products between 1e-290 and 1e290
  void merge(const ExactSum& other);
  TwoDoubles value() const;

  void write(base::ByteWriter& out) const;
  static ExactSum read(base::ByteReader& in);

 private:
  static constexpr std::size_t kDigits = 68;
  void carry();
  std::array<std::int64_t, kDigits> digits_{};  // digit k counts 2^(32 k - 1074)
  std::uint32_t pending_ = 0;                   // additions since the last carry
};

}  // namespace journeykit::metrics

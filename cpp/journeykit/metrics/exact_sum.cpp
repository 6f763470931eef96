#include "journeykit/metrics/exact_sum.hpp"

#include <cmath>

namespace journeykit::metrics {
namespace {

constexpr int kLeastExponent = -1074;
constexpr std::uint64_t kDigit = 0xFFFFFFFF;

TwoDoubles two_sum(double a, double b) {
  const double s = a + b;
  const double of_b = s - a;
  return {s, (a - (s - of_b)) + (b - of_b)};
}

}  // namespace

TwoDoubles product(TwoDoubles a, TwoDoubles b) {
  const double p = a.high * b.high;
  return two_sum(p, std::fma(a.high, b.high, -p) + (a.high * b.low + a.low * b.high));
}

TwoDoubles sum(TwoDoubles a, TwoDoubles b) {
  const TwoDoubles high = two_sum(a.high, b.high);
  const TwoDoubles low = two_sum(a.low, b.low);
  const TwoDoubles all = two_sum(high.high, high.low + low.high);
  return two_sum(all.high, all.low + low.low);
}

TwoDoubles exactly(std::int64_t value) {
  const std::int64_t top = value >> 32U;
  return two_sum(static_cast<double>(top) * 4294967296.0, static_cast<double>(value - (top << 32U)));
}

void ExactSum::add(double value) {
  constexpr std::uint32_t most_pending = 1U << 29U;
  if (value == 0) return;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  if (exponent < kLeastExponent) {  // subnormal: the low bits are zero
    mantissa /= std::int64_t{1} << static_cast<unsigned>(kLeastExponent - exponent);
    exponent = kLeastExponent;
  }
  const auto offset = static_cast<unsigned>(exponent - kLeastExponent);
  const bool negative = mantissa < 0;
  const auto size = static_cast<std::uint64_t>(negative ? -mantissa : mantissa);
  const std::size_t digit = offset / 32;
  const unsigned shift = offset % 32;
  const std::uint64_t low = (size & kDigit) << shift;
  const std::uint64_t high = ((size >> 32U) << shift) + (low >> 32U);
  const std::array<std::uint64_t, 3> parts = {low & kDigit, high & kDigit, high >> 32U};
  for (std::size_t k = 0; k < parts.size(); ++k) {
    digits_[digit + k] += negative ? -static_cast<std::int64_t>(parts[k]) : static_cast<std::int64_t>(parts[k]);
  }
  if (++pending_ >= most_pending) carry();
}

void ExactSum::add_product(double a, double b) {
  const double p = a * b;
  add(p);
  add(std::fma(a, b, -p));
}

// Each digit from 0 to 2^32 - 1; the sign stays in the last.
void ExactSum::carry() {
  for (std::size_t k = 0; k + 1 < kDigits; ++k) {
    digits_[k + 1] += digits_[k] >> 32U;
    digits_[k] = static_cast<std::int64_t>(static_cast<std::uint64_t>(digits_[k]) & kDigit);
  }
  pending_ = 0;
}

void ExactSum::merge(const ExactSum& other) {
  ExactSum from = other;
  from.carry();
  carry();
  for (std::size_t k = 0; k < kDigits; ++k) digits_[k] += from.digits_[k];
  carry();
}

TwoDoubles ExactSum::value() const {
  ExactSum size = *this;
  size.carry();
  const bool negative = size.digits_.back() < 0;
  if (negative) {
    for (std::int64_t& digit : size.digits_) digit = -digit;
    size.carry();
  }
  TwoDoubles out;
  constexpr std::size_t digits_that_show = 5;
  std::size_t seen = 0;
  for (std::size_t k = kDigits; k-- > 0 && seen < digits_that_show;) {
    if (size.digits_[k] == 0 && seen == 0) continue;
    ++seen;
    out = sum(out, {std::ldexp(static_cast<double>(size.digits_[k]), static_cast<int>(32 * k) + kLeastExponent), 0});
  }
  return negative ? TwoDoubles{-out.high, -out.low} : out;
}

void ExactSum::write(base::ByteWriter& out) const {
  ExactSum clean = *this;
  clean.carry();
  std::size_t first = 0;
  std::size_t end = kDigits;
  while (first < end && clean.digits_[first] == 0) ++first;
  while (end > first && clean.digits_[end - 1] == 0) --end;
  if (first == end) first = end = 0;
  out.count(first);
  out.count(end - first);
  for (std::size_t k = first; k < end; ++k) out.number(clean.digits_[k]);
}

ExactSum ExactSum::read(base::ByteReader& in) {
  ExactSum sum;
  const std::uint64_t first = in.count_below(kDigits + 1);
  const std::uint64_t digits = in.count_below(kDigits + 1 - first);
  for (std::uint64_t k = first; k < first + digits; ++k) {
    sum.digits_[k] = in.number();
    constexpr std::int64_t most = std::int64_t{1} << 32U;
    if (sum.digits_[k] >= most || sum.digits_[k] < (k + 1 == kDigits ? -most : 0)) in.refuse("a sum is out of range");
  }
  return sum;
}

}  // namespace journeykit::metrics

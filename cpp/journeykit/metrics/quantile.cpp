#include "journeykit/metrics/quantile.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <string>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {

void check_confidence(double confidence) {
  if (!(confidence > 0 && confidence < 1)) {
    throw base::InvalidInput("confidence is " + std::to_string(confidence) +
                             "; expected a share between 0 and 1, such as 0.95");
  }
}

double normal_quantile(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

double normal_two_sided(double z) {
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(z)));
}

double t_quantile(double probability, double degrees) {
  return boost::math::quantile(boost::math::students_t(degrees), probability);
}

double t_two_sided(double t, double degrees) {
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(degrees), std::abs(t)));
}

double binomial_at_most(std::int64_t k, std::int64_t n, double share) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return boost::math::cdf(boost::math::binomial(static_cast<double>(n), share), static_cast<double>(k));
}

double binomial_at_least(std::int64_t k, std::int64_t n, double share) {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return boost::math::cdf(
      boost::math::complement(boost::math::binomial(static_cast<double>(n), share), static_cast<double>(k - 1)));
}

}  // namespace journeykit::metrics

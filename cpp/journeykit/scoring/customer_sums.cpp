#include <algorithm>
#include <numeric>

#include "journeykit/base/parallel.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/scoring/detail_customer_sums.hpp"

namespace journeykit::scoring {
namespace {

// Ratios by the feature that is their numerator.
struct RatiosOf {
  std::vector<std::uint32_t> offsets, ratios;
};
RatiosOf ratios_by_part(std::span<const Ratio> ratios, std::size_t features) {
  RatiosOf out;
  out.offsets.assign(features + 1, 0);
  for (const Ratio& ratio : ratios) ++out.offsets[ratio.part + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.ratios.resize(ratios.size());
  std::vector<std::uint32_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (std::uint32_t k = 0; k < ratios.size(); ++k) out.ratios[next[ratios[k].part]++] = k;
  return out;
}

void add_customer(CustomerSums& sums, std::span<double> values, std::vector<std::uint32_t>& touched,
                  std::span<const Ratio> ratios, const RatiosOf& of) {
  for (const std::uint32_t f : touched) {
    const double value = values[f];
    FeatureSums& sum = sums.features[f];
    sum.sum += value;
    sum.squares += value * value;
    sum.cubes += value * value * value;
    sum.largest = std::max(sum.largest, value);
    sum.customers += 1;
    for (std::uint32_t k = of.offsets[f]; k < of.offsets[f + 1]; ++k) {
      sums.products[of.ratios[k]] += value * values[ratios[of.ratios[k]].whole];
    }
  }
  for (const std::uint32_t f : touched) values[f] = 0;
  touched.clear();
}

}  // namespace

CustomerSums sum_customers(const events::EventLog& log, const MapFeatures& features, std::span<const Ratio> ratios,
                           const IntervalOptions& options, const base::Cancellation& cancellation) {
  const auto customers = events::customer_groups(log, static_cast<std::size_t>(-1));
  const RatiosOf of = ratios_by_part(ratios, features.count());
  const std::vector<std::size_t> blocks = events::group_blocks(customers, log.event_count(), features.count());
  std::vector<CustomerSums> parts(blocks.size() - 1);
  base::parallel_for(parts.size(), 1, options.threads, cancellation, [&](std::size_t b, std::size_t) {
    CustomerSums& sums = parts[b];
    sums.features.resize(features.count());
    sums.products.assign(ratios.size(), 0);
    MapFeatures::Marks marks(features);
    std::vector<double> values(features.count(), 0);
    std::vector<std::uint8_t> seen(features.count(), 0);
    std::vector<std::uint32_t> touched;
    const auto add = [&](std::size_t f, double value) {
      if (seen[f] == 0) {
        seen[f] = 1;
        touched.push_back(static_cast<std::uint32_t>(f));
      }
      values[f] += value;
    };
    const auto own = [&](std::size_t f, double square) { sums.features[f].own_squares += square; };
    for (std::size_t customer = blocks[b]; customer < blocks[b + 1]; ++customer) {
      constexpr std::size_t between_checks = 1024;
      if (customer % between_checks == 0) cancellation.check();
      features.read(customers.cases_of(customer), static_cast<std::uint32_t>(customer), marks, add, own);
      for (const std::uint32_t f : touched) seen[f] = 0;
      add_customer(sums, values, touched, ratios, of);
    }
  });
  for (std::size_t b = 1; b < parts.size(); ++b) {
    parts.front().add(parts[b]);
    parts[b] = {};
  }
  return std::move(parts.front());
}

}  // namespace journeykit::scoring

#include "journeykit/scoring/path_intervals.hpp"

#include <algorithm>
#include <unordered_map>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/discovery/variants.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/metrics/estimate_columns.hpp"
#include "journeykit/metrics/quantile.hpp"

namespace journeykit::scoring {
namespace {

std::span<const std::uint32_t> path_of(const events::EventLog& log, std::size_t c) {
  const auto offsets = log.case_offsets();
  return log.touchpoints().subspan(offsets[c], offsets[c + 1] - offsets[c]);
}

// Variants by their paths.
class VariantIndex {
 public:
  VariantIndex(const events::EventLog& log, std::span<const discovery::Variant> variants)
      : log_(log), variants_(variants), numbers_(variants.size(), Hash{log}, Same{log}) {
    for (std::uint32_t v = 0; v < variants.size(); ++v) numbers_.emplace(variants[v].example_case, v);
  }
  // Number of the variant that case c runs along; variants_.size() where it was left out.
  std::size_t of_case(std::uint32_t c) const {
    const auto at = numbers_.find(c);
    return at == numbers_.end() ? variants_.size() : at->second;
  }

 private:
  struct Hash {
    const events::EventLog& log;
    std::size_t operator()(std::uint32_t c) const {
      std::uint64_t hash = 0;
      for (const std::uint32_t code : path_of(log, c)) hash = base::mix(hash ^ code);
      return hash;
    }
  };
  struct Same {
    const events::EventLog& log;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return std::ranges::equal(path_of(log, a), path_of(log, b));
    }
  };
  const events::EventLog& log_;
  std::span<const discovery::Variant> variants_;
  std::unordered_map<std::uint32_t, std::uint32_t, Hash, Same> numbers_;
};

// Σ over customers of (cases of the variant)² and of that times the customer's cases.
struct Products {
  double squares = 0, with_cases = 0;
};
std::vector<Products> products_of(const events::EventLog& log, const events::CustomerGroups& customers,
                                  std::span<const discovery::Variant> variants,
                                  const base::Cancellation& cancellation) {
  const VariantIndex index(log, variants);
  std::vector<Products> out(variants.size());
  std::vector<std::size_t> own;
  for (std::size_t customer = 0; customer < customers.count; ++customer) {
    constexpr std::size_t between_checks = 1024;
    if (customer % between_checks == 0) cancellation.check();
    const auto cases = customers.cases_of(customer);
    own.clear();
    for (const std::uint32_t c : cases) own.push_back(index.of_case(c));
    std::ranges::sort(own);
    for (std::size_t k = 0; k < own.size() && own[k] < variants.size();) {
      std::size_t last = k;
      while (last < own.size() && own[last] == own[k]) ++last;
      const auto times = static_cast<double>(last - k);
      out[own[k]].squares += times * times;
      out[own[k]].with_cases += times * static_cast<double>(cases.size());
      k = last;
    }
  }
  return out;
}

}  // namespace

VariantShares variant_intervals(const events::EventLog& log, const VariantOptions& options,
                                const base::Cancellation& cancellation) {
  metrics::check_confidence(options.confidence);
  if (options.minimum_cases < 1) {
    throw base::InvalidInput("minimum_cases is " + std::to_string(options.minimum_cases) + "; expected 1 or more");
  }
  const discovery::Segments whole = discovery::segments(log, {});
  std::vector<discovery::Variant> variants = discovery::variants(log, whole, cancellation);
  std::erase_if(variants, [&](const discovery::Variant& v) { return v.cases < options.minimum_cases; });
  const events::CustomerGroups customers = events::customer_groups(log, static_cast<std::size_t>(-1));

  metrics::Moments like;
  like.n = like.weight = static_cast<double>(log.case_count());
  like.customers = static_cast<double>(customers.count);
  for (std::size_t customer = 0; customer < customers.count; ++customer) {
    const auto cases = static_cast<double>(customers.cases_of(customer).size());
    like.squared_sizes += cases * cases;
    like.largest_size = std::max(like.largest_size, cases);
  }
  // Where every case is a customer of its own the products are the counts.
  const bool alone = customers.count == log.case_count();
  const std::vector<Products> products =
      alone ? std::vector<Products>{} : products_of(log, customers, variants, cancellation);

  VariantShares out;
  out.rows = discovery::variant_table(log, whole, variants);
  out.steps = discovery::variant_steps(log, variants, cancellation);
  base::Reals low, high;
  low.values.resize(variants.size());
  high.values.resize(variants.size());
  std::string method, warning;
  const auto estimate = [&](std::size_t v) {
    metrics::Moments moments = like;
    moments.value = moments.scale = static_cast<double>(variants[v].cases);
    const Products own = alone ? Products{moments.value, moments.value} : products[v];
    const double share = moments.value / moments.n;
    moments.between = std::max(0.0, own.squares - 2 * share * own.with_cases + share * share * moments.squared_sizes);
    moments.independent = moments.value * (1 - share);
    return metrics::share_from(moments, options.confidence);
  };
  // Many variants have the same few cases: for one case to a customer that is the same interval.
  constexpr std::size_t at_once = 4096;
  base::parallel_for(variants.size(), at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      if (alone && v > begin && variants[v].cases == variants[v - 1].cases) {
        low.values[v] = low.values[v - 1];
        high.values[v] = high.values[v - 1];
        continue;
      }
      const metrics::Estimate found = estimate(v);
      low.values[v] = found.low;
      high.values[v] = found.high;
    }
  });
  if (!variants.empty()) {
    const metrics::Estimate first = estimate(0);
    method = first.method;
    warning = first.warning;
  }
  const auto same = [&](const std::string& text) {
    auto dictionary = std::make_shared<base::Dictionary>(base::Dictionary{{text}});
    return base::Category{std::vector<std::uint32_t>(variants.size(), 0), std::move(dictionary)};
  };
  out.rows.add("low", std::move(low));
  out.rows.add("high", std::move(high));
  out.rows.add("n",
               base::Integers{std::vector<std::int64_t>(variants.size(), static_cast<std::int64_t>(log.case_count()))});
  out.rows.add("customers",
               base::Integers{std::vector<std::int64_t>(variants.size(), static_cast<std::int64_t>(customers.count))});
  out.rows.add("method", same(method));
  out.rows.add("warning", same(warning));
  return out;
}

base::Table funnel_intervals(const events::EventLog& log, const discovery::FunnelOptions& funnel, double confidence,
                             const base::Cancellation& cancellation) {
  metrics::check_confidence(confidence);
  const std::vector<std::uint32_t> depth = discovery::funnel_depths(log, funnel, cancellation);
  const events::CustomerGroups customers = events::customer_groups(log, static_cast<std::size_t>(-1));
  // Of the cases that came at least `from` steps deep, those that came `to` steps deep.
  const auto share = [&](std::size_t from, std::size_t to) {
    std::vector<metrics::Observation> seen;
    for (const std::uint32_t c : customers.cases) {
      if (depth[c] >= from) seen.push_back({customers.of_case[c], depth[c] >= to ? 1.0 : 0.0});
    }
    return metrics::estimate_share(seen, confidence);
  };
  base::Integers step;
  base::TextColumn name, number;
  metrics::EstimateColumns estimates;
  const auto add = [&](std::size_t k, const char* called, const metrics::Estimate& found) {
    step.values.push_back(static_cast<std::int64_t>(k));
    std::string names;
    for (const std::string& touchpoint : funnel.steps[k - 1]) names += (names.empty() ? "" : " | ") + touchpoint;
    name.add(names);
    number.add(called);
    estimates.add(found);
  };
  for (std::size_t k = 1; k <= funnel.steps.size(); ++k) {
    add(k, "share_of_all", share(0, k));
    if (k == 1) continue;
    add(k, "share_of_first", share(1, k));
    add(k, "share_of_previous", share(k - 1, k));
  }
  base::Table out;
  out.add("step", std::move(step));
  out.add("name", name.finish());
  out.add("number", number.finish());
  estimates.value_to(out);
  estimates.evidence_to(out);
  return out;
}

}  // namespace journeykit::scoring

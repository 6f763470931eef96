#include "journeykit/attribution/attribute.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <limits>
#include <numeric>
#include <optional>

#include "journeykit/attribution/chain.hpp"
#include "journeykit/attribution/detail_resample.hpp"
#include "journeykit/attribution/detail_states.hpp"
#include "journeykit/attribution/high_order.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/clusters.hpp"

namespace journeykit::attribution {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewestReplicates = 100;
constexpr std::int64_t kMostReplicates = 1'000'000;
constexpr unsigned kMostOrder = 4;
constexpr double kTolerance = 1e-12;

double sum(std::span<const double> terms) { return std::accumulate(terms.begin(), terms.end(), 0.0); }

void check(const AttributionOptions& options) {
  if (options.order < 1 || options.order > kMostOrder) {
    throw base::InvalidInput("order is " + std::to_string(options.order) + "; expected 1 to 4");
  }
  const std::int64_t replicates = options.replicates.value_or(0);
  if (replicates != 0 && (replicates < kFewestReplicates || replicates > kMostReplicates)) {
    throw base::InvalidInput("replicates is " + std::to_string(replicates) +
                             "; expected 0 (no intervals) or 100 to 1,000,000");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw base::InvalidInput("confidence is " + std::to_string(options.confidence) +
                             "; expected a share between 0 and 1, such as 0.95");
  }
  if (options.top < 1) throw base::InvalidInput("top is 0; expected at least 1");
  if (options.minimum_n < 1) throw base::InvalidInput("minimum_n is below 1");
  if (options.permutations < 2) throw base::InvalidInput("permutations is below 2");
}

std::optional<CreditRule> rule_of(ModelKind model) {
  switch (model) {
    case ModelKind::First:
      return CreditRule::First;
    case ModelKind::Last:
      return CreditRule::Last;
    case ModelKind::LastNonDirect:
      return CreditRule::LastNonDirect;
    case ModelKind::Linear:
      return CreditRule::Linear;
    case ModelKind::Position:
      return CreditRule::Position;
    case ModelKind::TimeDecay:
      return CreditRule::TimeDecay;
    default:
      return std::nullopt;
  }
}

std::string counted(std::int64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::int64_t replicates_of(const AttributionOptions& options, std::size_t channels) {
  constexpr std::int64_t many = 1000, fewer = 200;
  constexpr std::size_t most_players = 12;
  if (options.replicates) return *options.replicates;
  if (options.model == ModelKind::Shapley && options.worth != Worth::Conversions) {
    return channels <= most_players ? fewer : 0;
  }
  return options.model == ModelKind::Markov && options.order > 1 ? fewer : many;
}

std::string method_of(const AttributionOptions& options, std::size_t channels, std::int64_t replicates,
                      const Customers& customers) {
  constexpr std::array<const char*, 8> names = {"markov", "first touch",    "last touch", "last touch but direct",
                                                "linear", "position based", "time decay", "shapley"};
  std::string out = names[static_cast<std::size_t>(options.model)];
  if (options.model == ModelKind::Markov) out += ", order " + std::to_string(options.order) + ", removal effect";
  if (options.model == ModelKind::Shapley) {
    out += options.worth == Worth::Conversions ? ", by conversions"
           : options.worth == Worth::Rate      ? ", by rate"
                                               : ", by chain";
    const bool exact = options.worth == Worth::Conversions || channels <= kMostExactPlayers;
    out += exact ? ", exact" : ", " + counted(static_cast<std::int64_t>(options.permutations)) + " permutations";
  }
  if (replicates == 0) return out;
  if (customers.groups == 1) return out + "; no intervals of a single customer";
  const char* drawn = customers.groups == 0 ? "; Poisson bootstrap of customers, " : "; bootstrap of customers, ";
  return out + drawn + counted(replicates) + " replicates";
}

// Customers whose path has the channel.
std::vector<double> customers_by_channel(const Paths& paths) {
  std::vector<double> out(paths.channels.size());
  std::vector<std::size_t> met_in(paths.channels.size(), paths.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    for (const std::uint32_t c : paths.path(p)) {
      if (met_in[c] != p) out[c] += paths.conversions[p] + paths.nulls[p];
      met_in[c] = p;
    }
  }
  return out;
}

}  // namespace

Model make_model(const Paths& paths, const AttributionOptions& options, double tolerance, unsigned threads,
                 const base::Cancellation& cancellation) {
  if (const auto rule = rule_of(options.model)) return credit_model(paths, *rule, options.credit);
  if (options.model == ModelKind::Shapley) {
    return shapley_model(paths, {options.worth, options.permutations, options.seed, threads}, cancellation);
  }
  if (options.order == 1 && paths.channels.size() <= kMostDenseChannels) return chain_model(paths);
  return high_order_model(paths, options.order, tolerance, threads, cancellation);
}

Attribution attribute(const Paths& paths, const AttributionOptions& options, const base::Cancellation& cancellation,
                      const Customers& customers) {
  check(options);
  const double conversions = sum(paths.conversions);
  if (!(conversions > 0)) {
    throw base::InvalidInput("there is no conversion in " + std::to_string(paths.size()) +
                             " paths, so that nothing can be attributed; check the column of conversions");
  }
  if (!std::isfinite(conversions + sum(paths.nulls)) || !std::isfinite(sum(paths.values))) {
    throw base::InvalidInput("customers or values add up to more than 1.8e308");
  }
  // The longer part stays with the caller's thread, so that Ctrl-C is heard.
  const bool apart = paths.steps.size() >= kStepsWorthAThread && base::thread_count(options.threads) > 1;
  std::future<std::vector<double>> customers_met =
      std::async(apart ? std::launch::async : std::launch::deferred, [&] { return customers_by_channel(paths); });
  const Attributed found = make_model(paths, options, kTolerance, options.threads,
                                      cancellation)({paths.conversions, paths.nulls, paths.values});
  const std::vector<double> n = customers_met.get();
  Replicates again;
  const std::size_t channels = paths.channels.size();
  const std::int64_t replicates = replicates_of(options, channels);
  if (replicates > 0 && customers.groups != 1) {  // whoever is drawn of one customer, it is the same one
    again = resample(paths, customers, options, static_cast<std::size_t>(replicates), cancellation);
  }
  const auto number = [&](const std::vector<double>& values, const std::vector<double>& draws, std::size_t c) {
    return estimate(values.empty() ? kUnknown : values[c], n[c] > 0 ? draws : std::vector<double>{}, channels, c,
                    options.confidence);
  };
  std::vector<double> shares;
  for (const double credited : found.conversions) shares.push_back(credited / conversions);
  Attribution out;
  out.method = method_of(options, channels, replicates, customers);
  for (std::size_t c = 0; c < channels; ++c) {
    ChannelCredit credit;
    credit.channel = paths.channels[c];
    credit.removal_effect = number(found.removal_effect, again.removal_effect, c);
    credit.conversions = number(found.conversions, again.conversions, c);
    credit.value = number(found.value, again.value, c);
    credit.share = number(shares, again.share, c);
    credit.standard_error = found.standard_error.empty() ? kUnknown : found.standard_error[c];
    credit.n = n[c];
    credit.p_in_top = again.known > 0 ? again.in_top[c] / again.known : kUnknown;
    out.channels.push_back(std::move(credit));
  }
  std::ranges::stable_sort(out.channels, [](const ChannelCredit& a, const ChannelCredit& b) {
    return a.conversions.value > b.conversions.value;
  });
  return out;
}

Customers customers_of(const events::EventLog& log, std::span<const std::size_t> case_of_path, std::uint64_t seed) {
  const events::CustomerGroups groups = events::customer_groups(log, events::kMostGroups, seed);
  std::vector<std::uint32_t> group_of_case(log.case_count());
  for (std::uint32_t g = 0; g < groups.count; ++g) {
    for (const std::uint32_t c : groups.cases_of(g)) group_of_case[c] = g;
  }
  Customers out;
  out.groups = groups.count;
  for (const std::size_t c : case_of_path) out.group_of_path.push_back(group_of_case[c]);
  return out;
}

Attribution attribute(const events::EventLog& log, const std::string& metric, const AttributionOptions& options,
                      const base::Cancellation& cancellation) {
  const std::span<const double> values = metric.empty() ? std::span<const double>() : log.metric_values(metric);
  LogPaths found = paths_of_log(log, values, cancellation);
  if (options.model != ModelKind::TimeDecay) found.paths.ages.clear();
  Customers customers;
  if (log.has(events::Role::Customer)) customers = customers_of(log, found.cases, options.seed);
  Attribution out = attribute(found.paths, options, cancellation, customers);
  if (found.open_cases > 0) out.method += "; " + counted(found.open_cases) + " open cases left out";
  if (found.empty_completed_cases > 0) {
    out.method += "; " + counted(found.empty_completed_cases) + " completed cases without a touchpoint left out";
  }
  return out;
}

base::Table attribution_table(const Attribution& attribution, const AttributionOptions& options) {
  std::vector<std::string> channels, evidence, methods;
  base::Integers ranks;
  base::Reals n, top, errors;
  constexpr std::array<std::pair<const char*, Estimate ChannelCredit::*>, 4> numbers = {
      {{"removal_effect", &ChannelCredit::removal_effect},
       {"conversions", &ChannelCredit::conversions},
       {"value", &ChannelCredit::value},
       {"share", &ChannelCredit::share}}};
  std::array<base::Reals, 4> values, lows, highs;
  std::int64_t rank = 0;
  for (const ChannelCredit& credit : attribution.channels) {
    channels.push_back(credit.channel);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const Estimate& e = credit.*numbers[k].second;
      values[k].values.push_back(e.value);
      lows[k].values.push_back(e.low);
      highs[k].values.push_back(e.high);
    }
    const bool observed = credit.n >= static_cast<double>(options.minimum_n);
    n.values.push_back(credit.n);
    ranks.values.push_back(observed ? ++rank : base::kMissingInteger);
    top.values.push_back(credit.p_in_top);
    errors.values.push_back(credit.standard_error);
    evidence.emplace_back(credit.n == 0 ? "" : observed ? "observed" : "partly_observed");
    methods.push_back(attribution.method);
  }
  base::Table out;
  const auto add_text = [&](const char* name, const std::vector<std::string>& rows) {
    base::Category column = base::categorize(rows);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      if (rows[k].empty()) column.codes[k] = base::kMissingCode;
    }
    out.add(name, std::move(column));
  };
  add_text("channel", channels);
  for (std::size_t k = 0; k < numbers.size(); ++k) out.add(numbers[k].first, std::move(values[k]));
  out.add("n", std::move(n));
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    out.add(std::string(numbers[k].first) + "_low", std::move(lows[k]));
    out.add(std::string(numbers[k].first) + "_high", std::move(highs[k]));
  }
  out.add("rank", std::move(ranks));
  out.add("p_in_top", std::move(top));
  out.add("standard_error", std::move(errors));
  add_text("evidence", evidence);
  add_text("method", methods);
  return out;
}

}  // namespace journeykit::attribution

// Attribution of conversions to channels by one of the models, with intervals: customers are drawn again with their
// whole paths. Where it is known which paths are of one customer, groups of whole customers are (docs/adr/0009); else
// every path counts as so many customers (Poisson bootstrap: each so many times as a Poisson variable of mean 1 says,
// totals scaled back to the customers observed; Hanley & MacGibbon 2006). Replicate r has its own stream, so that
// neither threads nor the order of rows matter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journeykit/attribution/credit.hpp"
#include "journeykit/attribution/paths.hpp"
#include "journeykit/attribution/shapley.hpp"
#include "journeykit/base/table.hpp"

namespace journeykit::attribution {

enum class ModelKind : std::uint8_t { Markov, First, Last, LastNonDirect, Linear, Position, TimeDecay, Shapley };

struct AttributionOptions {
  ModelKind model = ModelKind::Markov;
  unsigned order = 1;  // Markov: 1 to 4
  CreditOptions credit;
  Worth worth = Worth::Conversions;  // Shapley
  std::size_t permutations = 1000;
  // 0: no intervals. Unset: 1000 where a replicate costs one pass over the paths, 200 where it has a system to solve
  // (order 2 and more, Shapley by rate or chain), 0 for Shapley by rate or chain of more than 12 channels.
  std::optional<std::int64_t> replicates;
  double confidence = 0.95;
  std::size_t top = 3;          // for the chance to be among the first so many
  std::int64_t minimum_n = 10;  // fewer customers: the channel is not ranked
  std::uint64_t seed = 0;
  unsigned threads = 0;
};

struct Estimate {  // NaN: no data, or no interval
  double value, low, high;
};

struct ChannelCredit {
  std::string channel;
  Estimate removal_effect, conversions, value, share;
  double standard_error;  // of conversions, by sampled permutations
  double n;               // customers whose path has the channel
  double p_in_top;
};

struct Attribution {
  std::vector<ChannelCredit> channels;  // most conversions first, then by name
  std::string method;
};

struct Customers {  // which paths are drawn together; no groups: not known
  std::vector<std::uint32_t> group_of_path;
  std::size_t groups = 0;
};
// Groups of the customers of a log, for paths that are each one of its cases.
Customers customers_of(const events::EventLog& log, std::span<const std::size_t> case_of_path, std::uint64_t seed);

// Throws InvalidInput when nobody converted or an option is out of range.
Attribution attribute(const Paths& paths, const AttributionOptions& options, const base::Cancellation& cancellation,
                      const Customers& customers = {});

// The same of the closed cases of a log and its customers, see paths_of_log; the method says how many cases were left
// out. `metric` is what a conversion is worth, "" for none. Throws NotFound for a metric that the log does not have.
Attribution attribute(const events::EventLog& log, const std::string& metric, const AttributionOptions& options,
                      const base::Cancellation& cancellation);

// channel, removal_effect, conversions, value, share, n; low and high of each number; rank, p_in_top,
// standard_error, evidence, method.
base::Table attribution_table(const Attribution& attribution, const AttributionOptions& options);

}  // namespace journeykit::attribution

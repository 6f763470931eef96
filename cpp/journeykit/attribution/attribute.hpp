// Attribution of conversions to channels by one of the models, with intervals: customers are drawn again with their
// whole paths (Poisson bootstrap: each customer so many times as a Poisson variable of mean 1 says, totals scaled back
// to the customers observed; Hanley & MacGibbon 2006). Replicate r has its own stream, so that neither threads nor the
// order of rows matter.
#pragma once

#include <cstdint>
#include <optional>
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
  double top_probability;
};

struct Attribution {
  std::vector<ChannelCredit> channels;  // most conversions first, then by name
  std::string method;
};

// Throws InvalidInput when nobody converted or an option is out of range.
Attribution attribute(const Paths& paths, const AttributionOptions& options, const base::Cancellation& cancellation);

// The same of the closed cases of a log, see paths_of_log; the method says how many cases were left out. `metric` is
// what a conversion is worth, "" for none. Throws NotFound for a metric that the log does not have.
Attribution attribute(const events::EventLog& log, const std::string& metric, const AttributionOptions& options,
                      const base::Cancellation& cancellation);

// channel, removal_effect, conversions, value, share, n; low and high of each number; rank, top_probability,
// standard_error, evidence, method.
base::Table attribution_table(const Attribution& attribution, const AttributionOptions& options);

}  // namespace journeykit::attribution

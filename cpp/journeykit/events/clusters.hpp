// Customers in groups of equal size: what a bootstrap of whole customers draws from, and the sums that it draws.
// Up to `most` customers each is a group; beyond that customers go by the order of a seeded hash of what they are
// called into `most` groups whose sizes differ by one at most. Equal sizes keep the variance of every sum of customers
// as it is (docs/adr/0009). The groups depend neither on the order of rows nor on threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::events {

inline constexpr std::size_t kMostGroups = 2048;

struct CustomerGroups {
  std::size_t count = 0;               // groups
  std::size_t customers = 0;           // distinct
  std::vector<std::uint32_t> cases;    // all cases: by group, customer, log order
  std::vector<std::uint32_t> of_case;  // customer of each case
  std::vector<std::size_t> offsets;    // group g: cases[offsets[g]] … cases[offsets[g + 1] - 1]

  std::span<const std::uint32_t> cases_of(std::size_t g) const {
    return std::span(cases).subspan(offsets[g], offsets[g + 1] - offsets[g]);
  }
};
CustomerGroups customer_groups(const EventLog& log, std::size_t most = kMostGroups, std::uint64_t seed = 0);

// The first group of each block of whole groups, and the end of the last. The same for any number of threads, so that
// what blocks add up to is added in one order; fewer blocks where each holds many `cells`.
std::vector<std::size_t> group_blocks(const CustomerGroups& groups, std::size_t events, std::size_t cells);

// How often each group is drawn in each replicate: `groups` draws with replacement, every replicate from a stream of
// its own.
struct Draws {
  std::size_t groups = 0, replicates = 0;
  std::vector<float> times;  // [group · replicates + replicate]

  std::span<const float> of_group(std::size_t g) const { return std::span(times).subspan(g * replicates, replicates); }
};
Draws draw_groups(std::size_t groups, std::size_t replicates, std::uint64_t seed, unsigned threads,
                  const base::Cancellation& cancellation);

// Sums of numbered features over each group; what is 0 takes no room.
struct GroupSums {
  std::vector<std::size_t> offsets;  // feature f: positions offsets[f] … offsets[f + 1] - 1, groups ascending
  std::vector<std::uint32_t> groups;
  std::vector<double> values;

  std::size_t features() const { return offsets.size() - 1; }
  // Σ over groups of times drawn · sum, for every replicate, added to `out` of shape (replicates,).
  void add_replicates(std::size_t feature, const Draws& draws, std::span<double> out) const;
};

class GroupTally;
using GroupReader = std::function<void(std::size_t group, GroupTally& tally)>;

// Sums of one group while it is read.
class GroupTally {
 public:
  explicit GroupTally(std::size_t features) : values_(features, 0), seen_(features, 0) {}
  void add(std::size_t feature, double value) {
    if (seen_[feature] == 0) {
      seen_[feature] = 1;
      touched_.push_back(static_cast<std::uint32_t>(feature));
    }
    values_[feature] += value;
  }

 private:
  friend GroupSums sum_groups(const CustomerGroups&, std::size_t, unsigned, const base::Cancellation&,
                              const std::function<GroupReader()>&);
  std::vector<double> values_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint32_t> touched_;
};

// All features in every replicate, row-major, shape (replicates, features).
std::vector<double> replicate_sums(const GroupSums& sums, const Draws& draws, unsigned threads,
                                   const base::Cancellation& cancellation);

// The reader adds up the features of one group after the other. Several are made, and read at the same time.
GroupSums sum_groups(const CustomerGroups& groups, std::size_t features, unsigned threads,
                     const base::Cancellation& cancellation, const std::function<GroupReader()>& make_reader);

}  // namespace journeykit::events

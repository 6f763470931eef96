#include "journeykit/events/clusters.hpp"

#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::events {
namespace {

// The one loop that a bootstrap spends its time in, for wider registers where the machine has them; no sum is taken in
// another order, so the numbers are the same.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx2", "default")))
#endif
void add_times(const float* times, double value, double* out, std::size_t n) {
  for (std::size_t r = 0; r < n; ++r) out[r] += static_cast<double>(times[r]) * value;
}

// Hash of what each customer is called: its name in the customer column, else the id of its case.
std::vector<std::uint64_t> customer_hashes(const EventLog& log, const Customers& customers, std::uint64_t seed) {
  std::vector<std::uint64_t> out(customers.count, 0);
  std::vector<std::uint8_t> known(customers.count, 0);
  const base::Category* column = log.has(Role::Customer) ? &log.category(Role::Customer) : nullptr;
  const auto offsets = log.case_offsets();
  for (std::size_t c = 0; c < customers.of_case.size(); ++c) {
    const std::uint32_t customer = customers.of_case[c];
    if (known[customer] != 0) continue;
    known[customer] = 1;
    std::uint32_t code = base::kMissingCode;
    for (std::size_t k = offsets[c]; column != nullptr && k < offsets[c + 1] && code == base::kMissingCode; ++k) {
      code = column->codes[k];
    }
    out[customer] = code == base::kMissingCode ? base::hash(base::mix(seed), log.case_id(c))
                                               : base::hash(seed, column->dictionary->values[code]);
  }
  return out;
}

// Group of each customer: its place in the order of hashes, cut into equal parts.
std::vector<std::uint32_t> balanced_groups(const EventLog& log, const Customers& customers, std::size_t most,
                                           std::uint64_t seed) {
  std::vector<std::uint32_t> out(customers.count);
  if (customers.count <= most) {
    std::iota(out.begin(), out.end(), 0U);
    return out;
  }
  const std::vector<std::uint64_t> hashes = customer_hashes(log, customers, seed);
  std::vector<std::uint32_t> order(customers.count);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return hashes[a] != hashes[b] ? hashes[a] < hashes[b] : a < b; });
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    out[order[rank]] = static_cast<std::uint32_t>(rank * most / order.size());
  }
  return out;
}

// Positions of the cases by a key below `keys`, in log order where keys are equal.
void sort_by_key(std::vector<std::uint32_t>& cases, std::span<const std::uint32_t> key_of, std::size_t keys,
                 std::vector<std::size_t>& offsets) {
  offsets.assign(keys + 1, 0);
  for (const std::uint32_t c : cases) ++offsets[key_of[c] + 1];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  std::vector<std::size_t> next(offsets.begin(), offsets.end() - 1);
  std::vector<std::uint32_t> sorted(cases.size());
  for (const std::uint32_t c : cases) sorted[next[key_of[c]]++] = c;
  cases = std::move(sorted);
}

}  // namespace

std::vector<std::size_t> group_blocks(const CustomerGroups& groups, std::size_t events, std::size_t cells) {
  constexpr std::size_t least_events = 65'536, most_blocks = 64, most_cells = 4'000'000;
  const std::size_t blocks =
      std::clamp<std::size_t>(events / least_events, 1, std::clamp<std::size_t>(most_cells / cells, 2, most_blocks));
  std::vector<std::size_t> out;
  for (std::size_t b = 0; b <= blocks; ++b) out.push_back(groups.count * b / blocks);
  return out;
}

CustomerGroups customer_groups(const EventLog& log, std::size_t most, std::uint64_t seed) {
  if (most < 1) throw base::InvalidInput("groups is 0; expected at least 1");
  Customers customers = events::customers(log);
  CustomerGroups out;
  out.customers = customers.count;
  out.count = std::min(most, customers.count);
  std::vector<std::uint32_t> group_of = balanced_groups(log, customers, most, seed);
  out.cases.resize(customers.of_case.size());
  std::iota(out.cases.begin(), out.cases.end(), 0U);
  if (log.has(Role::Customer)) sort_by_key(out.cases, customers.of_case, customers.count, out.offsets);
  std::vector<std::uint32_t> of_case(customers.of_case.size());
  for (std::size_t c = 0; c < of_case.size(); ++c) of_case[c] = group_of[customers.of_case[c]];
  sort_by_key(out.cases, of_case, out.count, out.offsets);
  out.of_case = std::move(customers.of_case);
  return out;
}

Draws draw_groups(std::size_t groups, std::size_t replicates, std::uint64_t seed, unsigned threads,
                  const base::Cancellation& cancellation) {
  if (groups < 1 || replicates < 1) throw base::InvalidInput("a bootstrap needs customers and replicates; got none");
  Draws out{groups, replicates, std::vector<float>(groups * replicates, 0.0F)};
  constexpr std::size_t at_once = 16;  // replicates that share a cache line of the weights
  base::parallel_for(replicates, at_once, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      const std::uint64_t stream = base::mix(seed ^ base::mix(r));
      for (std::size_t k = 0; k < groups; ++k) {
        const double u = base::unit_interval(base::mix(stream + k));
        const auto g = std::min(groups - 1, static_cast<std::size_t>(u * static_cast<double>(groups)));
        out.times[g * replicates + r] += 1;
      }
    }
  });
  return out;
}

void GroupSums::add_replicates(std::size_t feature, const Draws& draws, std::span<double> out) const {
  for (std::size_t k = offsets[feature]; k < offsets[feature + 1]; ++k) {
    add_times(draws.times.data() + groups[k] * draws.replicates, values[k], out.data(), out.size());
  }
}

std::vector<double> replicate_sums(const GroupSums& sums, const Draws& draws, unsigned threads,
                                   const base::Cancellation& cancellation) {
  const std::size_t width = sums.features();
  std::vector<double> out(draws.replicates * width, 0);
  constexpr std::size_t at_once = 8;  // doubles of a cache line
  base::parallel_for(width, at_once, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<double> column(draws.replicates);
    for (std::size_t f = begin; f < end; ++f) {
      std::ranges::fill(column, 0.0);
      sums.add_replicates(f, draws, column);
      for (std::size_t r = 0; r < column.size(); ++r) out[r * width + f] = column[r];
    }
  });
  return out;
}

GroupSums sum_groups(const CustomerGroups& groups, std::size_t features, unsigned threads,
                     const base::Cancellation& cancellation, const std::function<GroupReader()>& make_reader) {
  struct Block {
    std::vector<std::size_t> ends;  // of each group, in the two below
    std::vector<std::uint32_t> features;
    std::vector<double> values;
  };
  constexpr std::size_t groups_at_once = 64;
  std::vector<Block> blocks((groups.count + groups_at_once - 1) / groups_at_once);
  base::parallel_for(groups.count, groups_at_once, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    Block& block = blocks[begin / groups_at_once];
    GroupTally tally(features);
    const GroupReader read = make_reader();
    for (std::size_t g = begin; g < end; ++g) {
      cancellation.check();
      read(g, tally);
      for (const std::uint32_t f : tally.touched_) {
        block.features.push_back(f);
        block.values.push_back(tally.values_[f]);
        tally.values_[f] = 0;
        tally.seen_[f] = 0;
      }
      tally.touched_.clear();
      block.ends.push_back(block.features.size());
    }
  });
  GroupSums out;
  out.offsets.assign(features + 1, 0);
  for (const Block& block : blocks) {
    for (const std::uint32_t f : block.features) ++out.offsets[f + 1];
  }
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.groups.resize(out.offsets.back());
  out.values.resize(out.offsets.back());
  std::vector<std::size_t> next(out.offsets.begin(), out.offsets.end() - 1);
  std::uint32_t group = 0;
  for (const Block& block : blocks) {
    std::size_t k = 0;
    for (const std::size_t end : block.ends) {
      for (; k < end; ++k) {
        const std::size_t at = next[block.features[k]]++;
        out.groups[at] = group;
        out.values[at] = block.values[k];
      }
      ++group;
    }
  }
  return out;
}

}  // namespace journeykit::events

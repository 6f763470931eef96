#include <algorithm>
#include <bit>

#include "journeykit/attribution/paths.hpp"
#include "journeykit/base/text_order.hpp"

namespace journeykit::attribution {

Paths distinct(const Paths& paths, const base::Cancellation& cancellation, std::vector<std::uint32_t>* way_of_path) {
  const bool aged = !paths.ages.empty();
  std::vector<std::uint32_t> kept;
  for (std::uint32_t p = 0; p < paths.size(); ++p) {
    if (paths.conversions[p] + paths.nulls[p] > 0) kept.push_back(p);
  }
  const auto steps_in_word = [&](std::uint32_t p, std::size_t word) {  // two codes at a time
    const auto path = paths.path(p);
    const std::uint64_t first = path[2 * word] + std::uint64_t{1};
    return (first << 32U) | (2 * word + 1 < path.size() ? path[2 * word + 1] + std::uint64_t{1} : 0);
  };
  const std::vector<std::uint32_t> order = base::order_by_keys(
      kept.size(),
      [&](std::uint32_t k, std::size_t key) {
        const std::size_t words = (paths.path(kept[k]).size() + 1) / 2;
        if (key < words) return steps_in_word(kept[k], key);
        // ages are not negative, so that their bits are in order of size
        return key == words ? std::uint64_t{0}
                            : std::bit_cast<std::uint64_t>(paths.ages[paths.offsets[kept[k]] + key - words - 1]);
      },
      [&](std::uint32_t k) {
        const std::size_t steps = paths.path(kept[k]).size();
        return (steps + 1) / 2 + (aged ? 1 + steps : 0);
      },
      cancellation);
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    if (!std::ranges::equal(paths.path(a), paths.path(b))) return false;
    return !aged || std::equal(paths.ages.begin() + static_cast<std::ptrdiff_t>(paths.offsets[a]),
                               paths.ages.begin() + static_cast<std::ptrdiff_t>(paths.offsets[a + 1]),
                               paths.ages.begin() + static_cast<std::ptrdiff_t>(paths.offsets[b]));
  };
  if (way_of_path != nullptr) way_of_path->assign(paths.size(), kNoWay);
  Paths out;
  out.channels = paths.channels;
  std::size_t made = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    if (++made % 8192 == 0) cancellation.check();
    const std::uint32_t p = kept[order[begin]];
    std::size_t end = begin + 1;
    while (end < order.size() && same(p, kept[order[end]])) ++end;
    // of the same way, in order of size: sums do not depend on the order of rows
    std::vector<double> conversions, nulls, values;
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t row = kept[order[k]];
      if (way_of_path != nullptr) (*way_of_path)[row] = static_cast<std::uint32_t>(out.size());
      conversions.push_back(paths.conversions[row]);
      nulls.push_back(paths.nulls[row]);
      if (!paths.values.empty()) values.push_back(paths.values[row]);
    }
    const auto sum = [](std::vector<double>& terms) {
      std::ranges::sort(terms);
      double total = 0;
      for (const double term : terms) total += term;
      return total;
    };
    const auto path = paths.path(p);
    out.steps.insert(out.steps.end(), path.begin(), path.end());
    if (aged) {
      out.ages.insert(out.ages.end(), paths.ages.begin() + static_cast<std::ptrdiff_t>(paths.offsets[p]),
                      paths.ages.begin() + static_cast<std::ptrdiff_t>(paths.offsets[p + 1]));
    }
    out.offsets.push_back(out.steps.size());
    out.conversions.push_back(sum(conversions));
    out.nulls.push_back(sum(nulls));
    if (!paths.values.empty()) out.values.push_back(sum(values));
    begin = end;
  }
  return out;
}

}  // namespace journeykit::attribution

#include "journeykit/markov/order.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

double chi_squared_above(double g2, double df) {
  if (!(df > 0)) return 1;
  return boost::math::gamma_q(df / 2, std::max(0.0, g2) / 2);
}

// x ln(x / y), 0 for x = 0.
double term(double x, double y) { return x > 0 ? x * std::log(x / y) : 0; }

}  // namespace

std::vector<Triple> triples(const Journeys& journeys) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, double> found;  // state, before, next
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    const std::size_t begin = journeys.offsets[j], end = journeys.offsets[j + 1];
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t next = k + 1 < end ? journeys.states[k + 1] : journeys.ends[j];
      if (next == kOpen) continue;
      found[{journeys.states[k], k > begin ? journeys.states[k - 1] : kBegin, next}] += journeys.weights[j];
    }
  }
  std::vector<Triple> out;
  for (const auto& [key, count] : found) out.push_back({std::get<1>(key), std::get<0>(key), std::get<2>(key), count});
  return out;
}

std::vector<OrderTest> order_tests(const std::vector<Triple>& triples, std::size_t states) {
  std::vector<OrderTest> out(states);
  for (std::uint32_t s = 0; s < states; ++s) out[s].state = s;
  std::map<std::uint32_t, std::vector<const Triple*>> by_state;
  for (const Triple& t : triples) {
    if (t.state >= states) throw base::InvalidInput("a triple names a state outside the chain");
    if (!(t.count >= 0) || std::isinf(t.count)) throw base::InvalidInput("a count is negative or no number");
    if (t.count > 0) by_state[t.state].push_back(&t);
  }
  for (const auto& [state, cells] : by_state) {
    OrderTest& test = out[state];
    std::map<std::uint32_t, double> before, next;
    for (const Triple* t : cells) {
      before[t->before] += t->count;
      next[t->next] += t->count;
      test.n += t->count;
    }
    for (const Triple* t : cells) test.g2 += 2 * term(t->count, before[t->before] * next[t->next] / test.n);
    test.g2 = std::max(0.0, test.g2);
    test.df = static_cast<double>((before.size() - 1) * (next.size() - 1));
    test.smallest_expected = std::numeric_limits<double>::infinity();
    for (const auto& [b, nb] : before) {
      for (const auto& [x, nx] : next) test.smallest_expected = std::min(test.smallest_expected, nb * nx / test.n);
    }
    if (test.df == 0) test.g2 = 0;
    test.p = chi_squared_above(test.g2, test.df);
  }
  // Benjamini & Hochberg 1995.
  std::vector<OrderTest*> tested;
  for (OrderTest& test : out) {
    test.adjusted_p = test.p;
    if (test.df > 0) tested.push_back(&test);
  }
  std::ranges::stable_sort(tested, [](const OrderTest* a, const OrderTest* b) { return a->p > b->p; });
  double least = 1;
  const auto m = static_cast<double>(tested.size());
  for (std::size_t k = 0; k < tested.size(); ++k) {
    least = std::min(least, tested[k]->p * m / (m - static_cast<double>(k)));
    tested[k]->adjusted_p = least;
  }
  return out;
}

Chain split(const Chain& chain, const std::vector<Triple>& triples, std::uint32_t state,
            const std::vector<std::uint32_t>& after) {
  const auto n = static_cast<std::uint32_t>(chain.size());
  if (chain.counts.empty()) throw base::InvalidInput("a chain of probabilities alone cannot be split; give counts");
  if (!chain.pseudo.empty()) {
    throw base::InvalidInput(
        "a chain that was shrunk to the whole cannot be split; take that of the segment's own log");
  }
  const auto is_after = [&](std::uint32_t s) { return std::ranges::find(after, s) != after.end(); };
  if (after.empty())
    throw base::InvalidInput("name the touchpoints that come before " + base::quote_safe(chain.states[state]));
  // Without the own name in `after`, what follows the state itself belongs to the part that the visit before was in;
  // that would need a longer memory, so it stays with the state.
  ChainParts parts;
  parts.kind = MoveKind::Counts;
  parts.states = chain.states;
  std::string name = chain.states[state] + " after ";
  for (std::size_t k = 0; k < after.size(); ++k) name += (k == 0 ? "" : "/") + chain.states[after[k]];
  parts.states.push_back(name);
  parts.ends = chain.ends;
  const auto shifted = [&](std::uint32_t target) { return target >= n ? target + 1 : target; };
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> moves;
  double seen = 0;
  for (const Triple& t : triples) {
    if (t.state != state) continue;
    seen += t.count;
    const bool own = t.before != kBegin && is_after(t.before);
    const std::uint32_t to = t.next == state && is_after(state) ? n : shifted(t.next);
    moves[{own ? n : state, to}] += t.count;
  }
  const double expected =
      std::accumulate(chain.counts.begin() + static_cast<std::ptrdiff_t>(chain.offsets[state]),
                      chain.counts.begin() + static_cast<std::ptrdiff_t>(chain.offsets[state + 1]), 0.0);
  if (!(std::abs(seen - expected) <= 1e-9 * std::max(1.0, expected))) {
    throw base::InvalidInput("the paths through " + base::quote_safe(chain.states[state]) + " count " +
                             std::to_string(seen) + " visits, the chain " + std::to_string(expected));
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i == state) continue;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const std::uint32_t to = chain.targets[k];
      moves[{i, to == state && is_after(i) ? n : shifted(to)}] += chain.counts[k];
    }
  }
  bool own = false, rest = false;
  for (const auto& [pair, count] : moves) {
    own = own || (pair.first == n && count > 0);
    rest = rest || (pair.first == state && count > 0);
  }
  if (!own || !rest) {
    throw base::InvalidInput(base::quote_safe(chain.states[state]) + " has " +
                             (own ? "no visit that comes from elsewhere" : "no visit that comes from there") +
                             "; there is nothing to split");
  }
  for (const auto& [pair, count] : moves) parts.moves.push_back({pair.first, pair.second, count});
  parts.start_counted = !chain.start_counts.empty();
  parts.start = parts.start_counted ? chain.start_counts : chain.start;
  parts.start.push_back(0);
  return make_chain(std::move(parts));
}

std::vector<OrderEvidence> order_evidence(const Journeys& journeys, int highest) {
  if (highest < 1 || highest > 8) throw base::InvalidInput("the highest order is 1 to 8");
  std::vector<OrderEvidence> out;
  std::unordered_map<std::uint32_t, std::set<std::uint32_t>> successors;  // of the last state of a context
  std::set<std::uint32_t> all;
  for (int order = 0; order <= highest; ++order) {
    // Context: the last `order` states, padded by kBegin.
    std::map<std::vector<std::uint32_t>, std::map<std::uint32_t, double>> counts;
    OrderEvidence e;
    e.order = order;
    for (std::size_t j = 0; j < journeys.size(); ++j) {
      const std::size_t begin = journeys.offsets[j], end = journeys.offsets[j + 1];
      for (std::size_t k = begin; k < end; ++k) {
        const std::uint32_t next = k + 1 < end ? journeys.states[k + 1] : journeys.ends[j];
        if (next == kOpen) continue;
        std::vector<std::uint32_t> context;
        for (int back = order - 1; back >= 0; --back) {
          const auto steps = static_cast<std::size_t>(back);
          context.push_back(k >= begin + steps ? journeys.states[k - steps] : kBegin);
        }
        counts[context][next] += journeys.weights[j];
        if (order == 1) successors[journeys.states[k]].insert(next);
        if (order == 0) all.insert(next);
      }
    }
    for (const auto& [context, row] : counts) {
      double sum = 0;
      for (const auto& [next, count] : row) sum += count;
      for (const auto& [next, count] : row) e.log_likelihood += term(count, sum);
      e.n += sum;
      const std::size_t possible = order == 0 ? all.size() : successors[context.back()].size();
      e.parameters += static_cast<double>(possible) - 1;
    }
    e.aic = 2 * e.parameters - 2 * e.log_likelihood;
    e.bic = std::log(e.n) * e.parameters - 2 * e.log_likelihood;
    e.g2 = e.df = e.p = std::numeric_limits<double>::quiet_NaN();
    out.push_back(e);
  }
  for (std::size_t k = 0; k + 1 < out.size(); ++k) {
    out[k].g2 = std::max(0.0, 2 * (out[k + 1].log_likelihood - out[k].log_likelihood));
    out[k].df = out[k + 1].parameters - out[k].parameters;
    out[k].p = chi_squared_above(out[k].g2, out[k].df);
  }
  return out;
}

}  // namespace journeykit::markov

#include "journeykit/markov/order.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

double chi_squared_above(double g2, double df) {
  if (!(df > 0)) return 1;
  return boost::math::gamma_q(df / 2, std::max(0.0, g2) / 2);
}

// x ln(x / y), 0 for x = 0.
double term(double x, double y) { return x > 0 ? x * std::log(x / y) : 0; }

// Two numbers as one.
std::uint64_t pair_of(std::uint32_t high, std::uint32_t low) { return (std::uint64_t{high} << 32U) | low; }
std::uint32_t high_of(std::uint64_t pair) { return static_cast<std::uint32_t>(pair >> 32U); }
std::uint32_t low_of(std::uint64_t pair) { return static_cast<std::uint32_t>(pair); }

// Pairs, numbered as they come.
class Pairs {
 public:
  std::uint32_t number(std::uint32_t high, std::uint32_t low) {
    const auto [at, is_new] = numbers_.try_emplace(pair_of(high, low), static_cast<std::uint32_t>(pairs_.size()));
    if (is_new) pairs_.push_back(at->first);
    return at->second;
  }
  std::uint64_t pair(std::uint32_t number) const { return pairs_[number]; }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::uint64_t> pairs_;
};

// visit(position, whether it is the first of its journey, next state or end, weight) for each move that is known.
template <class Visit>
void for_each_move(const Journeys& journeys, const base::Cancellation& cancellation, const Visit& visit) {
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    constexpr std::size_t between_checks = 4096;
    if (j % between_checks == 0) cancellation.check();
    const std::size_t begin = journeys.offsets[j], end = journeys.offsets[j + 1];
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t next = k + 1 < end ? journeys.states[k + 1] : journeys.ends[j];
      if (next != kOpen) visit(k, k == begin, next, journeys.weights[j]);
    }
  }
}

}  // namespace

std::vector<Triple> triples(const Journeys& journeys, const base::Cancellation& cancellation) {
  Pairs contexts;  // the state and the one before it
  std::unordered_map<std::uint64_t, double> found;
  for_each_move(journeys, cancellation, [&](std::size_t k, bool first, std::uint32_t next, double weight) {
    const std::uint32_t context = contexts.number(journeys.states[k], first ? kBegin : journeys.states[k - 1]);
    found[pair_of(context, next)] += weight;
  });
  std::vector<Triple> out;
  for (const auto& [pair, count] : found) {
    const std::uint64_t context = contexts.pair(high_of(pair));
    out.push_back({low_of(context), high_of(context), low_of(pair), count});
  }
  std::ranges::sort(out, {}, [](const Triple& t) { return std::tuple(t.state, t.before, t.next); });
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

std::vector<OrderEvidence> order_evidence(const Journeys& journeys, int highest,
                                          const base::Cancellation& cancellation) {
  if (highest < 1 || highest > 8) throw base::InvalidInput("the highest order is 1 to 8");
  std::vector<OrderEvidence> out;
  std::unordered_map<std::uint32_t, double> successors;  // how many different ones each state has
  double ends = 0;                                       // … and all together
  // Number of the context at each position: the last `order` states, before the first of a journey "begin".
  std::vector<std::uint32_t> context(journeys.states.size(), 0);
  for (int order = 0; order <= highest; ++order) {
    if (order > 0) {
      Pairs longer;
      for (std::size_t j = 0; j < journeys.size(); ++j) {
        constexpr std::size_t between_checks = 4096;
        if (j % between_checks == 0) cancellation.check();
        std::uint32_t before = kBegin;
        for (std::size_t k = journeys.offsets[j]; k < journeys.offsets[j + 1]; ++k) {
          // of order 1 the state alone
          before = std::exchange(context[k], longer.number(order == 1 ? 0 : before, journeys.states[k]));
        }
      }
    }
    struct Row {
      std::uint32_t last = 0;
      double sum = 0, nexts = 0;
    };
    std::unordered_map<std::uint32_t, Row> rows;
    std::unordered_map<std::uint64_t, double> counts;
    for_each_move(journeys, cancellation, [&](std::size_t k, bool, std::uint32_t next, double weight) {
      const auto [at, is_new] = counts.try_emplace(pair_of(context[k], next), 0);
      at->second += weight;
      Row& row = rows[context[k]];
      row.last = journeys.states[k];
      row.sum += weight;
      row.nexts += is_new ? 1 : 0;
    });
    OrderEvidence e;
    e.order = order;
    std::vector<double> terms;  // in order of size: the sum does not depend on that of the journeys
    for (const auto& [pair, count] : counts) terms.push_back(term(count, rows[high_of(pair)].sum));
    std::ranges::sort(terms);
    e.log_likelihood = std::accumulate(terms.begin(), terms.end(), 0.0);
    for (const auto& [number, row] : rows) {
      e.n += row.sum;
      if (order == 0) ends = row.nexts;
      if (order == 1) successors[row.last] = row.nexts;
      e.parameters += (order == 0 ? ends : successors[row.last]) - 1;
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

// Is a first-order chain enough? A G² test at every state, splitting a state by what came before it, and the order of
// the whole chain with its evidence. SCIENCE notes §4; Anderson & Goodman 1957.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/markov/chain.hpp"
#include "journeykit/markov/source.hpp"

namespace journeykit::markov {

struct Triple {              // `count` times: before, then state, then next
  std::uint32_t before = 0;  // a state; kBegin: the journey began at `state`
  std::uint32_t state = 0, next = 0;
  double count = 0;
};
inline constexpr std::uint32_t kBegin = 0xFFFFFFFE;
// By state, before, next; moves of open journeys count, their end does not.
std::vector<Triple> triples(const Journeys& journeys, const base::Cancellation& cancellation);

struct OrderTest {
  std::uint32_t state = 0;
  double n = 0;  // visits with a known way before and after
  double g2 = 0, df = 0;
  double p = 1, adjusted_p = 1;  // adjusted: Benjamini–Hochberg over the states with df > 0
  double smallest_expected = 0;  // below 5 the p-value is rough
};
// One per state of `count` states; where there is nothing to compare: df 0, p 1.
std::vector<OrderTest> order_tests(const std::vector<Triple>& triples, std::size_t states);

// The chain in which visits of `state` that come from one of `after` are a state of their own, "state after a" (from
// several: joined by "/"). The triples must stand for every count of the chain at `state`.
Chain split(const Chain& chain, const std::vector<Triple>& triples, std::uint32_t state,
            const std::vector<std::uint32_t>& after);

struct OrderEvidence {
  int order = 0;
  double log_likelihood = 0, parameters = 0, aic = 0, bic = 0;
  double n = 0;                  // moves
  double g2 = 0, df = 0, p = 1;  // of this order against the next one; NaN for the last
};
// Orders 0 … highest over the same moves; a context before the beginning is the beginning.
std::vector<OrderEvidence> order_evidence(const Journeys& journeys, int highest,
                                          const base::Cancellation& cancellation);

}  // namespace journeykit::markov

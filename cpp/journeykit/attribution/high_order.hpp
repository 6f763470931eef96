// The removal effect in a chain of order k, whose states are the last k channels. States are many and their rows few
// customers each, so the system is solved by sweeps that the first-order chain corrects (aggregation: Koury, McAllister
// & Stewart 1984). The error is certified, not guessed: how often a state is visited is what was counted, because a
// fitted chain gives back the flows it was fitted to, so |error| <= Σ_s visits_s·|residual_s|.
#pragma once

#include "journeykit/attribution/model.hpp"
#include "journeykit/base/cancel.hpp"

namespace journeykit::attribution {

// `tolerance` bounds the error of each removal effect R: tolerance·(R + 0.01), or what rounding leaves over paths of
// more than 2,500 steps on average. Throws Unsupported when `order` channels do not fit into a key of 64 bits, and the
// model NotConverged instead of giving a number that is not certified.
Model high_order_model(const Paths& paths, unsigned order, double tolerance, unsigned threads,
                       const base::Cancellation& cancellation);

}  // namespace journeykit::attribution

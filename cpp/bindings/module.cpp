#include "common.hpp"

PYBIND11_MODULE(_core, m) {
  using namespace journeykit::bindings;
  m.doc() = "The engine of journeykit; use the facade in journeykit, not this module.";
  register_base(m);
  register_events(m);
  register_io(m);
  register_journey(m);
  register_discovery(m);
  register_discovery_state(m);
  register_markov(m);
  register_metrics(m);
  register_metrics_state(m);
  register_scoring(m);
  register_attribution(m);
}

#include "journeykit/journey/fields.hpp"

#include <array>

#include "journeykit/base/error.hpp"

namespace journeykit::journey {
namespace {

constexpr std::array<std::string_view, 3> kEvidence = {"assumed", "partly_observed", "observed"};
constexpr std::array<std::string_view, 2> kVisibility = {"front_stage", "back_stage"};

template <class Enum, std::size_t n>
Enum named(std::string_view kind, const std::array<std::string_view, n>& names, std::string_view name) {
  std::string choices;
  for (std::size_t k = 0; k < n; ++k) {
    if (names[k] == name) return static_cast<Enum>(k);
    choices += (k == 0 ? "'" : ", '") + std::string(names[k]) + "'";
  }
  throw base::InvalidInput(std::string(kind) + " " + base::quote_safe(name) + " is not known; expected one of " +
                           choices);
}

}  // namespace

std::string_view to_string(Evidence evidence) { return kEvidence.at(static_cast<std::size_t>(evidence)); }
std::string_view to_string(Visibility visibility) { return kVisibility.at(static_cast<std::size_t>(visibility)); }
Evidence evidence_named(std::string_view name) { return named<Evidence>("evidence", kEvidence, name); }
Visibility visibility_named(std::string_view name) { return named<Visibility>("visibility", kVisibility, name); }

}  // namespace journeykit::journey

#include "journeykit/markov/tables.hpp"

#include <limits>

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

base::Column column(const char* name, base::Values values) {
  return {name, std::make_shared<const base::Values>(std::move(values))};
}

base::Column renamed(const base::Column& column, const char* name) { return {name, column.values}; }

}  // namespace

MoveColumns move_columns(const Chain& chain) {
  const auto names = std::make_shared<base::Dictionary>();
  names->values = chain.states;
  names->values.insert(names->values.end(), chain.ends.begin(), chain.ends.end());
  const std::size_t moves = chain.targets.size();
  std::vector<std::uint32_t> sources(moves);
  std::vector<double> n(moves, kNaN);
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    double visits = chain.counts.empty() ? kNaN : 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      sources[k] = i;
      if (!chain.counts.empty()) visits += chain.counts[k];
    }
    std::fill(n.begin() + static_cast<std::ptrdiff_t>(chain.offsets[i]),
              n.begin() + static_cast<std::ptrdiff_t>(chain.offsets[i + 1]), visits);
  }
  return {column("source", base::Category{std::move(sources), names}),
          column("target", base::Category{chain.targets, names}),
          column("probability", base::Reals{chain.probabilities}),
          column("n", base::Reals{std::move(n)}),
          column("", base::Reals{std::vector<double>(moves, kNaN)}),
          column("", base::Integers{std::vector<std::int64_t>(moves, base::kMissingInteger)})};
}

base::Table sensitivity_table(const MoveColumns& moves, const Chain& chain, const Adjoint& adjoint,
                              const RankedBands* sure, const std::string& method) {
  const std::size_t rows = chain.targets.size();
  base::Reals slope, elasticity;
  slope.values.resize(rows);
  elasticity.values.resize(rows);
  std::size_t k = 0;
  for (const MoveSensitivity& s : move_sensitivities(chain, adjoint)) {
    slope.values[k] = s.slope;
    elasticity.values[k++] = s.elasticity;
  }
  const auto numbers = [&](const char* name, std::vector<double> Bands::*values) {
    return sure == nullptr ? renamed(moves.no_number, name) : column(name, base::Reals{sure->bands.*values});
  };
  const auto places = [&](const char* name, std::vector<std::int64_t> Ranks::*values) {
    return sure == nullptr ? renamed(moves.no_rank, name) : column(name, base::Integers{sure->ranks.*values});
  };
  const auto named = std::make_shared<base::Dictionary>();
  named->values = {method};
  base::Table out;
  out.rows = rows;
  out.columns = {
      moves.source,
      moves.target,
      moves.probability,
      column("slope", std::move(slope)),
      numbers("low", &Bands::low),
      numbers("high", &Bands::high),
      column("elasticity", std::move(elasticity)),
      places("rank", &Ranks::rank),
      places("rank_low", &Ranks::low),
      places("rank_high", &Ranks::high),
      sure == nullptr ? renamed(moves.no_number, "p_in_top") : column("p_in_top", base::Reals{sure->ranks.p_in_top}),
      moves.n,
      column("method", base::Category{std::vector<std::uint32_t>(rows, 0), named})};
  return out;
}

}  // namespace journeykit::markov

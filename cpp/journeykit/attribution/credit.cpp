#include "journeykit/attribution/credit.hpp"

#include <algorithm>
#include <cmath>

#include "journeykit/attribution/model.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::attribution {
namespace {

void check(CreditRule rule, const CreditOptions& options) {
  if (rule == CreditRule::Position) {
    const double sum = options.first_share + options.last_share;
    if (!(options.first_share >= 0) || !(options.last_share >= 0) || !(sum <= 1)) {
      throw base::InvalidInput("position gives " + std::to_string(options.first_share) + " to the first and " +
                               std::to_string(options.last_share) +
                               " to the last channel; expected shares from 0 that add up to at most 1, such as 0.4");
    }
  }
  if (rule == CreditRule::TimeDecay && (!(options.half_life > 0) || std::isinf(options.half_life))) {
    throw base::InvalidInput("half_life is " + std::to_string(options.half_life) + "; expected more than 0");
  }
}

void by_position(std::span<double> credit, const CreditOptions& options) {
  const std::size_t n = credit.size();
  const double ends = options.first_share + options.last_share;
  if (n == 1) {
    credit[0] = 1;
  } else if (n == 2) {  // nothing between: the shares of the ends keep their proportion
    credit[0] = ends > 0 ? options.first_share / ends : 0.5;
    credit[1] = ends > 0 ? options.last_share / ends : 0.5;
  } else {
    std::ranges::fill(credit, (1 - ends) / static_cast<double>(n - 2));
    credit.front() = options.first_share;
    credit.back() = options.last_share;
  }
}

void by_time(std::span<double> credit, std::span<const double> ages, double half_life) {
  const std::size_t n = credit.size();
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) {
    // counted from the youngest step, so that the weights of old paths do not all round to 0
    const double age = ages.empty() ? static_cast<double>(n - 1 - k) : ages[k] - ages[n - 1];
    sum += credit[k] = std::exp2(-age / half_life);
  }
  for (double& c : credit) c /= sum;
}

}  // namespace

std::vector<double> step_credit(const Paths& paths, CreditRule rule, const CreditOptions& options) {
  check(rule, options);
  std::vector<std::uint8_t> direct(paths.channels.size());
  for (std::size_t c = 0; c < direct.size(); ++c) {
    direct[c] = std::ranges::find(options.direct, paths.channels[c]) != options.direct.end() ? 1 : 0;
  }
  std::vector<double> out(paths.steps.size());
  std::vector<std::size_t> met_in(paths.channels.size(), paths.size());  // the path that met the channel last
  for (std::size_t p = 0; p < paths.size(); ++p) {
    const auto path = paths.path(p);
    if (path.empty()) continue;
    const std::span<double> credit = std::span(out).subspan(paths.offsets[p], path.size());
    switch (rule) {
      case CreditRule::First:
        credit.front() = 1;
        break;
      case CreditRule::Last:
        credit.back() = 1;
        break;
      case CreditRule::LastNonDirect: {
        std::size_t k = path.size();
        while (k > 0 && direct[path[k - 1]] != 0) --k;
        credit[(k == 0 ? path.size() : k) - 1] = 1;
        break;
      }
      case CreditRule::Linear:
        std::ranges::fill(credit, 1 / static_cast<double>(path.size()));
        break;
      case CreditRule::Position:
        by_position(credit, options);
        break;
      case CreditRule::TimeDecay:
        by_time(credit,
                paths.ages.empty() ? std::span<const double>()
                                   : std::span(paths.ages).subspan(paths.offsets[p], path.size()),
                options.half_life);
        break;
      case CreditRule::EqualByChannel: {
        double channels = 0;
        for (std::size_t k = 0; k < path.size(); ++k) {
          if (met_in[path[k]] == p) continue;
          met_in[path[k]] = p;
          credit[k] = 1;
          ++channels;
        }
        for (double& c : credit) c /= channels;
        break;
      }
    }
  }
  return out;
}

Model credit_model(const Paths& paths, CreditRule rule, const CreditOptions& options) {
  return [&paths, credit = step_credit(paths, rule, options)](const PathWeights& weights) {
    const bool valued = !weights.values.empty();
    Attributed out;
    out.conversions.resize(paths.channels.size());
    if (valued) out.value.resize(paths.channels.size());
    for (std::size_t p = 0; p < paths.size(); ++p) {
      if (weights.conversions[p] == 0) continue;
      for (std::uint64_t k = paths.offsets[p]; k < paths.offsets[p + 1]; ++k) {
        out.conversions[paths.steps[k]] += weights.conversions[p] * credit[k];
        if (valued) out.value[paths.steps[k]] += weights.values[p] * credit[k];
      }
    }
    return out;
  };
}

}  // namespace journeykit::attribution

#include "journeykit/metrics/bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/metrics/binomial.hpp"

namespace journeykit::metrics {
namespace {

constexpr int kMostPoints = 256;
constexpr std::size_t kFewPoints = 16;

struct Units {        // alike
  double value = 0;   // what each adds to the numerator
  double weight = 0;  // and to the denominator
  std::int64_t count = 0;
};

void check(const AnswerScale& scale) {
  constexpr int widest = 1'000'000;
  if (scale.low < -widest || scale.high > widest || scale.low >= scale.high || scale.high - scale.low >= kMostPoints) {
    throw base::InvalidInput("scale is " + std::to_string(scale.low) + " to " + std::to_string(scale.high) +
                             "; expected low < high, at most 256 whole points");
  }
  if (scale.number == AnswerNumber::Nps && (scale.low != 0 || scale.high != 10)) {
    throw base::InvalidInput("NPS has the scale 0 to 10; got " + std::to_string(scale.low) + " to " +
                             std::to_string(scale.high));
  }
  if (scale.top < 1 || scale.top > scale.high - scale.low) {
    throw base::InvalidInput("top is " + std::to_string(scale.top) + "; expected some of the points of the scale " +
                             std::to_string(scale.low) + " to " + std::to_string(scale.high));
  }
}

void check(const BootstrapOptions& options) {
  check_confidence(options.confidence);
  if (options.replicates < 100 || options.replicates > 10'000'000) {
    throw base::InvalidInput("replicates is " + std::to_string(options.replicates) +
                             "; expected 100 to 10,000,000, such as 1000");
  }
}

template <class T>
bool is_point(T answer, const AnswerScale& scale) {
  if constexpr (std::is_floating_point_v<T>) {
    return answer >= static_cast<T>(scale.low) && answer <= static_cast<T>(scale.high) && answer == std::floor(answer);
  } else {
    return std::cmp_greater_equal(answer, scale.low) && std::cmp_less_equal(answer, scale.high);
  }
}

std::string shown(double answer) {
  std::string text = std::to_string(answer);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

[[noreturn]] void refuse(double answer, std::size_t row, const AnswerScale& scale) {
  throw base::InvalidInput("answers: row " + std::to_string(row) + " (from 0) is " + shown(answer) +
                           "; expected whole numbers from " + std::to_string(scale.low) + " to " +
                           std::to_string(scale.high));
}

// Counts each point by itself, block by block: comparing sixteen bytes at once beats one look-up per byte. False, with
// nothing counted, where there are bytes that are no points.
template <class T>
bool count_bytes(std::span<const T> answers, const AnswerScale& scale, std::vector<std::int64_t>& counts) {
  constexpr std::size_t lanes = 64;
  constexpr std::size_t block = 255 * lanes;  // a lane counts up to 255
  std::vector<std::int64_t> found(counts.size());
  std::int64_t total = 0;
  for (std::size_t begin = 0; begin < answers.size(); begin += block) {
    const auto part = answers.subspan(begin, std::min(block, answers.size() - begin));
    const std::size_t rows = part.size() / lanes;
    for (std::size_t k = 0; k < found.size(); ++k) {
      const int wanted = scale.low + static_cast<int>(k);
      if (!std::in_range<T>(wanted)) continue;
      const T point = static_cast<T>(wanted);
      std::array<std::uint8_t, lanes> matches{};
      for (std::size_t row = 0; row < rows; ++row) {
        const T* at = part.data() + row * lanes;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          matches[lane] = static_cast<std::uint8_t>(matches[lane] + (at[lane] == point ? 1 : 0));
        }
      }
      std::int64_t sum = std::ranges::count(part.subspan(rows * lanes), point);
      for (const std::uint8_t lane : matches) sum += lane;
      found[k] += sum;
      total += sum;
    }
  }
  if (std::cmp_not_equal(total, answers.size())) return false;
  for (std::size_t k = 0; k < found.size(); ++k) counts[k] += found[k];
  return true;
}

// What an answer adds to the numerator.
double coded(int point, const AnswerScale& scale) {
  switch (scale.number) {
    case AnswerNumber::Nps:
      return (point >= 9 ? 1 : 0) - (point <= 6 ? 1 : 0);
    case AnswerNumber::TopShare:
      return point > scale.high - scale.top ? 1 : 0;
    case AnswerNumber::Mean:
      return point;
  }
  return 0;
}

double in_points(double ratio, const AnswerScale& scale) {
  return scale.number == AnswerNumber::Nps ? 100 * ratio : ratio;
}

std::vector<Units> merged(std::vector<Units> units) {
  std::ranges::sort(units, [](const Units& a, const Units& b) {
    return std::pair(a.value, a.weight) < std::pair(b.value, b.weight);
  });
  std::vector<Units> out;
  for (const Units& u : units) {
    if (!out.empty() && out.back().value == u.value && out.back().weight == u.weight) {
      out.back().count += u.count;
    } else {
      out.push_back(u);
    }
  }
  return out;
}

double replicate(const std::vector<Units>& classes, std::int64_t units, std::uint64_t seed, std::uint64_t number) {
  Stream stream(base::mix(base::mix(seed) ^ number));
  std::int64_t to_draw = units;
  std::int64_t left = units;  // in this class and those after it
  double value = 0;
  double weight = 0;
  for (const Units& c : classes) {
    if (to_draw == 0) break;
    const std::int64_t drawn = draw_binomial(stream, to_draw, static_cast<double>(c.count) / static_cast<double>(left));
    value += static_cast<double>(drawn) * c.value;
    weight += static_cast<double>(drawn) * c.weight;
    to_draw -= drawn;
    left -= c.count;
  }
  return value / weight;
}

// Linear between order statistics (Hyndman & Fan's type 7).
double quantile_of_sorted(const std::vector<double>& sorted, double probability) {
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, ",");
  return text;
}

Bootstrap run(const std::vector<Units>& classes, const std::string& of, const AnswerScale& scale,
              const BootstrapOptions& options, const base::Cancellation& cancellation) {
  Bootstrap out;
  out.method = "percentile bootstrap, " + grouped(options.replicates) + " replicates of " + of + "s";
  double value = 0;
  double weight = 0;
  for (const Units& c : classes) {
    const auto count = static_cast<double>(c.count);
    out.units += c.count;
    value += count * c.value;
    weight += count * c.weight;
  }
  out.n = static_cast<std::int64_t>(weight);
  if (out.n == 0) {
    out.warning = "no data";
    return out;
  }
  out.value = in_points(value / weight, scale);
  if (out.units < 2) {
    out.warning = "one " + of + ": no interval";
    return out;
  }
  const auto ratio = [](const Units& c) { return c.value / c.weight; };
  if (std::ranges::all_of(classes, [&](const Units& c) { return ratio(c) == ratio(classes.front()); })) {
    out.warning = "nothing varies: no interval";
    return out;
  }
  std::vector<double> values(static_cast<std::size_t>(options.replicates));
  // Starting a thread costs as much as some hundred draws.
  constexpr std::size_t draws_worth_a_thread = 20'000;
  const unsigned threads = values.size() * classes.size() < draws_worth_a_thread ? 1 : options.threads;
  const std::size_t block = std::clamp<std::size_t>(4096 / classes.size(), 1, 64);
  base::parallel_for(values.size(), block, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      values[r] = in_points(replicate(classes, out.units, options.seed, r), scale);
    }
  });
  std::ranges::sort(values);
  double mean = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  out.standard_error = std::sqrt(squares / static_cast<double>(values.size() - 1));
  const double tail = (1 - options.confidence) / 2;
  out.interval = {quantile_of_sorted(values, tail), quantile_of_sorted(values, 1 - tail)};
  return out;
}

}  // namespace

template <class T>
void count_answers(std::span<const T> answers, const AnswerScale& scale, std::size_t first_row,
                   std::vector<std::int64_t>& counts) {
  check(scale);
  counts.resize(static_cast<std::size_t>(scale.high - scale.low) + 1);
  if constexpr (sizeof(T) == 1) {
    if (counts.size() <= kFewPoints && count_bytes(answers, scale, counts)) return;
  }
  // Several tables, because adding to one counter again and again waits for its last sum.
  constexpr std::size_t tables = 4;
  std::array<std::array<std::int64_t, kMostPoints>, tables> seen{};
  const auto one = [&](std::size_t k, std::size_t table) {
    const T answer = answers[k];
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(answer)) return;
    }
    if (!is_point(answer, scale)) refuse(static_cast<double>(answer), first_row + k, scale);
    ++seen[table][static_cast<std::size_t>(static_cast<std::int64_t>(answer) - scale.low)];
  };
  std::size_t k = 0;
  for (; k + tables <= answers.size(); k += tables) {
    for (std::size_t table = 0; table < tables; ++table) one(k + table, table);
  }
  for (; k < answers.size(); ++k) one(k, 0);
  for (const auto& table : seen) {
    for (std::size_t point = 0; point < counts.size(); ++point) counts[point] += table[point];
  }
}

template void count_answers(std::span<const std::int8_t>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const std::uint8_t>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const std::int16_t>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const std::uint16_t>, const AnswerScale&, std::size_t,
                            std::vector<std::int64_t>&);
template void count_answers(std::span<const std::int32_t>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const std::uint32_t>, const AnswerScale&, std::size_t,
                            std::vector<std::int64_t>&);
template void count_answers(std::span<const std::int64_t>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const std::uint64_t>, const AnswerScale&, std::size_t,
                            std::vector<std::int64_t>&);
template void count_answers(std::span<const float>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);
template void count_answers(std::span<const double>, const AnswerScale&, std::size_t, std::vector<std::int64_t>&);

Bootstrap bootstrap_answers(const std::vector<std::int64_t>& counts, const AnswerScale& scale,
                            const BootstrapOptions& options, const base::Cancellation& cancellation) {
  check(scale);
  check(options);
  std::vector<Units> units;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] > 0) units.push_back({coded(scale.low + static_cast<int>(k), scale), 1, counts[k]});
  }
  return run(merged(std::move(units)), "answer", scale, options, cancellation);
}

Bootstrap bootstrap_customers(std::span<const double> answers, std::span<const std::int32_t> customers,
                              const AnswerScale& scale, const BootstrapOptions& options,
                              const base::Cancellation& cancellation) {
  check(scale);
  check(options);
  if (answers.size() != customers.size()) {
    throw base::InvalidInput("got " + std::to_string(answers.size()) + " answers and the customers of " +
                             std::to_string(customers.size()) + "; expected one customer per answer");
  }
  std::vector<Units> each(answers.size());
  for (std::size_t k = 0; k < answers.size(); ++k) {
    if (std::isnan(answers[k])) continue;
    if (!is_point(answers[k], scale)) refuse(answers[k], k, scale);
    if (customers[k] < 0) {
      throw base::InvalidInput("clusters: row " + std::to_string(k) +
                               " (from 0) has an answer of nobody; expected the customer of each answer");
    }
    const auto customer = static_cast<std::size_t>(customers[k]);
    if (customer >= each.size()) throw base::InvalidInput("codes of customers must be below the number of answers");
    each[customer].value += coded(static_cast<int>(answers[k]), scale);
    each[customer].weight += 1;
    each[customer].count = 1;
  }
  std::erase_if(each, [](const Units& u) { return u.count == 0; });
  return run(merged(std::move(each)), "customer", scale, options, cancellation);
}

}  // namespace journeykit::metrics

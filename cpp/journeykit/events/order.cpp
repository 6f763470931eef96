#include "journeykit/events/order.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include "journeykit/base/parallel.hpp"

namespace journeykit::events {
namespace {

constexpr std::size_t kRowsAtOnce = std::size_t{1} << 17U;

bool grouped_by_case(std::span<const std::uint32_t> cases, const base::Cancellation& cancellation) {
  std::atomic<bool> ascending = true;
  base::parallel_for(cases.size(), kRowsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    const std::size_t from = begin == 0 ? 1 : begin;
    for (std::size_t k = from; k < end; ++k) {
      if (cases[k - 1] > cases[k]) {
        ascending.store(false, std::memory_order_relaxed);
        return;
      }
    }
  });
  return ascending;
}

std::vector<std::uint64_t> offsets_of(std::span<const std::uint32_t> sorted_cases, std::size_t case_count) {
  std::vector<std::uint64_t> out(case_count + 1, sorted_cases.size());
  std::size_t next = 0;
  for (std::size_t k = 0; k < sorted_cases.size(); ++k) {
    while (next <= sorted_cases[k]) out[next++] = k;
  }
  return out;
}

// Rows grouped by case, in input order inside each: first into blocks of neighbouring cases, so that the second step
// works in near memory. The first step needs room for one int64 per row: that of the times, which are filled later.
void group_by_case(std::span<const std::uint32_t> cases, std::size_t case_count, Ordered& out,
                   const base::Cancellation& cancellation) {
  constexpr std::size_t most_blocks = 512;
  const std::size_t n = cases.size();
  const unsigned shift = static_cast<unsigned>(std::bit_width(case_count / most_blocks));
  const std::size_t blocks = (case_count >> shift) + 1;
  const std::size_t parts = std::clamp<std::size_t>(n / kRowsAtOnce, 1, base::thread_count(0));
  const auto begin_of = [&](std::size_t part) { return n * part / parts; };

  std::vector<std::vector<std::size_t>> next(parts, std::vector<std::size_t>(blocks, 0));
  base::parallel_for(parts, 1, 0, cancellation, [&](std::size_t part, std::size_t) {
    for (std::size_t k = begin_of(part); k < begin_of(part + 1); ++k) ++next[part][cases[k] >> shift];
  });
  std::vector<std::size_t> block_begin(blocks + 1, 0);
  std::size_t sum = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    block_begin[b] = sum;
    for (std::size_t part = 0; part < parts; ++part) sum += std::exchange(next[part][b], sum);
  }
  block_begin[blocks] = sum;
  out.times.resize(n);  // case code << 32 | row
  const auto packed = [](std::uint32_t code, std::size_t row) {
    return static_cast<std::int64_t>(std::uint64_t{code} << 32U | row);
  };
  const auto case_of = [](std::int64_t entry) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(entry) >> 32U);
  };
  base::parallel_for(parts, 1, 0, cancellation, [&](std::size_t part, std::size_t) {
    for (std::size_t k = begin_of(part); k < begin_of(part + 1); ++k) {
      out.times[next[part][cases[k] >> shift]++] = packed(cases[k], k);
    }
  });
  out.rows = std::vector<std::uint32_t>(n);
  out.offsets.assign(case_count + 1, n);
  base::parallel_for(blocks, 4, 0, cancellation, [&](std::size_t first, std::size_t last) {
    std::vector<std::size_t> at;
    for (std::size_t b = first; b < last; ++b) {
      const std::size_t first_case = b << shift;
      const std::size_t last_case = std::min(case_count, (b + 1) << shift);
      if (first_case >= last_case) continue;
      at.assign(last_case - first_case + 1, 0);
      const auto own = std::span(out.times).subspan(block_begin[b], block_begin[b + 1] - block_begin[b]);
      for (const std::int64_t entry : own) ++at[case_of(entry) - first_case + 1];
      at[0] = block_begin[b];
      std::partial_sum(at.begin(), at.end(), at.begin());
      for (std::size_t c = first_case; c < last_case; ++c) out.offsets[c] = at[c - first_case];
      for (const std::int64_t entry : own)
        out.rows[at[case_of(entry) - first_case]++] = static_cast<std::uint32_t>(entry);
    }
  });
}

}  // namespace

Ordered order_rows(std::span<const std::uint32_t> cases, std::size_t case_count, std::span<const std::int64_t> times,
                   std::span<const std::int64_t> order, const base::Cancellation& cancellation) {
  Ordered out;
  const bool grouped = grouped_by_case(cases, cancellation);
  if (grouped) {
    out.offsets = offsets_of(cases, case_count);
  } else {
    group_by_case(cases, case_count, out, cancellation);
  }
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (times[a] != times[b]) return times[a] < times[b];
    return !order.empty() && order[a] < order[b];
  };
  std::atomic<std::int64_t> out_of_order = 0, ties = 0;
  std::atomic<bool> moved = false;
  // Events [begin, end) are one case, its rows in input order: counts what is out of order, and sorts where needed.
  const auto look_at = [&](std::size_t begin, std::size_t end, std::int64_t& late, std::int64_t& tied) {
    bool sorted = true;
    std::int64_t newest = std::numeric_limits<std::int64_t>::min();
    for (std::size_t k = begin; k < end; ++k) {
      const std::int64_t now = out.times[k] = times[out.rows[k]];
      if (now < newest) ++late;
      newest = std::max(newest, now);
      if (k == begin || (order.empty() && now > out.times[k - 1])) continue;
      if (before(out.rows[k], out.rows[k - 1])) sorted = false;
      if (sorted) tied += before(out.rows[k - 1], out.rows[k]) ? 0 : 1;
    }
    if (sorted) return;
    const auto own = std::span(out.rows).subspan(begin, end - begin);
    constexpr std::size_t few = 48;  // most cases are short; std::stable_sort asks for memory for each
    if (own.size() > few) {
      std::stable_sort(own.begin(), own.end(), before);
    } else {
      for (std::size_t k = 1; k < own.size(); ++k) {
        const std::uint32_t row = own[k];
        std::size_t at = k;
        for (; at > 0 && before(row, own[at - 1]); --at) own[at] = own[at - 1];
        own[at] = row;
      }
    }
    tied = 0;
    for (std::size_t k = begin; k < end; ++k) {
      out.times[k] = times[out.rows[k]];
      if (k > begin) tied += before(out.rows[k - 1], out.rows[k]) ? 0 : 1;
    }
  };
  constexpr std::size_t cases_at_once = 4096;
  if (grouped) {
    // The common case of a log that is in order costs one look and no list of rows.
    base::parallel_for(case_count, cases_at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
      std::int64_t tied = 0;
      for (std::size_t c = begin; c < end; ++c) {
        for (std::size_t k = out.offsets[c] + 1; k < out.offsets[c + 1]; ++k) {
          const auto row = static_cast<std::uint32_t>(k);
          if (before(row, row - 1)) {
            moved.store(true, std::memory_order_relaxed);
            return;
          }
          tied += before(row - 1, row) ? 0 : 1;
        }
      }
      ties += tied;
    });
    if (!moved) {
      out.as_it_was = true;
      out.ties = ties;
      return out;
    }
    ties = 0;
    out.rows = std::vector<std::uint32_t>(cases.size());
    std::iota(out.rows.begin(), out.rows.end(), 0U);
  }
  out.times.resize(cases.size());
  base::parallel_for(case_count, cases_at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    std::int64_t late = 0, tied = 0;
    for (std::size_t c = begin; c < end; ++c) {
      std::int64_t tied_here = 0;
      look_at(out.offsets[c], out.offsets[c + 1], late, tied_here);
      tied += tied_here;
    }
    out_of_order += late;
    ties += tied;
  });
  out.out_of_order = out_of_order;
  out.ties = ties;
  return out;
}

}  // namespace journeykit::events

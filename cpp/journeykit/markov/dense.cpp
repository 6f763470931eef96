#include "journeykit/markov/dense.hpp"

#include <algorithm>

#include "journeykit/base/parallel.hpp"
#include "journeykit/markov/detail_kernel.hpp"

namespace journeykit::markov {
namespace {

constexpr std::size_t kOneByOne = 96;       // up to here blocks only cost
constexpr std::size_t kThreadedRows = 500;  // from here on a second thread pays for its start

std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

// Blocks of states: the states of a block leave each other first, then one product carries that to all rows.
class Blocks {
 public:
  explicit Blocks(MoveRows& moves)
      : moves_(moves),
        states_(moves.states()),
        stride_(moves.stride()),
        depth_most_(states_ < kThreadedRows ? 64 : 128),
        left_(round_up(states_, kTileRows), depth_most_ - 1),
        right_(round_up(stride_, kTileColumns), depth_most_ - 1) {}

  bool run(unsigned threads, const base::Cancellation& cancellation) {
    const std::size_t tiles = round_up(states_, kTileRows) / kTileRows;
    const unsigned used = states_ < kThreadedRows ? 1 : threads;
    const std::size_t share = used == 1 ? tiles : std::max<std::size_t>(12, tiles / 16);
    for (std::size_t begin = 0; begin < states_; begin += depth_most_) {
      depth_ = std::min(depth_most_, states_ - begin);
      MoveRows inside(depth_, 1);
      if (!leave_each_other(begin, inside)) return false;
      pack(begin, inside);
      base::parallel_for(tiles, share, used, cancellation, [&](std::size_t low, std::size_t high) {
        add_product(moves_.row(0), stride_, low * kTileRows, std::min(high * kTileRows, states_), left_.row(0),
                    right_.row(0), depth_);
      });
    }
    return true;
  }

 private:
  // The visits among the states of the block before they leave it; its one end is all the rest.
  bool leave_each_other(std::size_t begin, MoveRows& inside) const {
    for (std::size_t i = 0; i < depth_; ++i) {
      const double* row = moves_.row(begin + i);
      std::copy_n(row + begin, depth_, inside.row(i));
      double out = 0;
      for (std::size_t j = begin + depth_; j < stride_; ++j) out += row[j];
      inside.row(i)[depth_] = out;
    }
    for (std::size_t p = 0; p < depth_; ++p) {
      if (!eliminate_state(inside.row(0), depth_, inside.stride(), p)) return false;
    }
    return true;
  }

  void pack_left(std::size_t rows, std::size_t skip, const double* from, std::size_t stride, double* to) const {
    for (std::size_t i = 0; i < round_up(rows, kTileRows); ++i) {
      const bool empty = i >= rows || (i >= skip && i < skip + depth_);
      double* tile = to + i / kTileRows * kTileRows * depth_ + i % kTileRows;
      for (std::size_t d = 0; d < depth_; ++d) tile[d * kTileRows] = empty ? 0 : from[i * stride + d];
    }
  }
  void pack_right(const double* from) {
    double* to = right_.row(0);
    for (std::size_t j = 0; j < stride_; j += kTileColumns) {
      const std::size_t width = std::min(kTileColumns, stride_ - j);
      for (std::size_t d = 0; d < depth_; ++d, to += kTileColumns) std::copy_n(from + d * stride_ + j, width, to);
    }
  }

  // left: where all other rows lead into the block, in `moves` now zero. right: what comes of that, the visits inside
  // the block and inside × its rows; these become the rows of the block at once.
  void pack(std::size_t begin, const MoveRows& inside) {
    pack_left(states_, begin, moves_.row(0) + begin, stride_, left_.row(0));
    for (std::size_t i = 0; i < states_; ++i) std::fill_n(moves_.row(i) + begin, depth_, 0.0);
    MoveRows own(round_up(depth_, kTileRows), depth_ - 1);
    pack_left(depth_, depth_, inside.row(0), inside.stride(), own.row(0));
    pack_right(moves_.row(begin));
    MoveRows product(depth_, stride_ - depth_);
    add_product(product.row(0), stride_, 0, depth_, own.row(0), right_.row(0), depth_);
    for (std::size_t i = 0; i < depth_; ++i) {
      std::copy_n(product.row(0) + i * stride_, stride_, moves_.row(begin + i));
      std::copy_n(inside.row(i), depth_, moves_.row(begin + i) + begin);
    }
    pack_right(moves_.row(begin));
  }

  MoveRows& moves_;
  std::size_t states_, stride_, depth_most_, depth_ = 0;
  MoveRows left_, right_;  // as packed numbers
};

}  // namespace

MoveRows::MoveRows(std::size_t states, std::size_t ends)
    : states_(states), ends_(ends), stride_(round_up(states + ends, kLane)), lines_(states * stride_ / kLane + 1) {}

std::optional<Dense> eliminate(MoveRows& moves, unsigned threads, const base::Cancellation& cancellation) {
  const std::size_t n = moves.states(), ends = moves.ends();
  if (n <= kOneByOne) {
    for (std::size_t p = 0; p < n; ++p) {
      if (!eliminate_state(moves.row(0), n, moves.stride(), p)) return std::nullopt;
    }
  } else if (!Blocks(moves).run(threads, cancellation)) {
    return std::nullopt;
  }
  Dense out{n, ends, {}, {}, {}};
  out.visits.reserve(n * n);
  out.absorption.reserve(n * ends);
  out.steps.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = moves.row(i);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += row[j];
    out.visits.insert(out.visits.end(), row, row + n);
    out.absorption.insert(out.absorption.end(), row + n, row + n + ends);
    out.steps.push_back(sum);
  }
  return out;
}

bool eliminate_in_order(MoveRows& moves, const std::function<void(std::size_t)>& seen) {
  for (std::size_t p = 0; p < moves.states(); ++p) {
    if (!eliminate_state(moves.row(0), moves.states(), moves.stride(), p)) return false;
    seen(p);
  }
  return true;
}

}  // namespace journeykit::markov

#include "space.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace engine {
namespace {

FloatDistance distance_for(Metric metric) {
  KernelSet const& kernels = best_kernels();
  switch (metric) {
    case Metric::kCosine:
    case Metric::kDot:
      return kernels.negative_dot;
    case Metric::kEuclid:
      return kernels.euclid;
    case Metric::kManhattan:
      return kernels.manhattan;
  }
  throw std::invalid_argument("unknown metric");
}

}  // namespace

Space::Space(Slab const& slab, Kind kind, Metric metric, std::size_t dimension)
    : slab_(&slab),
      kind_(kind),
      metric_(metric),
      dimension_(dimension),
      floats_(distance_for(metric)),
      bytes_(best_kernels().byte_dot) {}

void Space::quantise(float const* from, std::size_t dimension, std::byte* to) {
  float largest = 0;
  for (std::size_t i = 0; i < dimension; i++) largest = std::max(largest, std::fabs(from[i]));
  // In double: the reciprocal of a scale that is a denormal float would be infinite.
  double const scale = double(largest) / 127;
  double const inverse = scale == 0 ? 0 : 1 / scale;
  double squares = 0;
  for (std::size_t i = 0; i < dimension; i++) {
    double const level = std::nearbyint(double(from[i]) * inverse);
    to[i] = std::byte(std::int8_t(level));
    squares += level * level;
  }
  ByteRowTail const tail{float(scale), float(squares * scale * scale)};
  std::memcpy(to + tail_offset(dimension), &tail, sizeof(tail));
}

}  // namespace engine

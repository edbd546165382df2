// Random decisions that depend on the seed alone, on any machine.
#pragma once

#include <cstdint>
#include <random>

namespace vx11::torture {

class Choice {
 public:
  // One sequence for each round, so that a round can be repeated without those before it.
  Choice(uint64_t seed, uint64_t round) : engine_(seed * 1'000'003 + round) {}

  // 0 to limit - 1. Not a distribution of the library: those differ between implementations.
  unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
  unsigned between(unsigned first, unsigned last) { return first + below(last - first + 1); }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace vx11::torture

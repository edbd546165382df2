// Linked before the product's own: both programs as a later release has them, for tests of upgrades.
#include "spawner/protocol.hpp"

namespace vx11::spawner {

Versions spokenVersions() {
  return {.oldest = 1, .newest = 3};
}

}  // namespace vx11::spawner

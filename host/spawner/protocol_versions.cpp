#include "spawner/protocol.hpp"

namespace vx11::spawner {

Versions spokenVersions() {
  return {.oldest = 1, .newest = 2};
}

}  // namespace vx11::spawner

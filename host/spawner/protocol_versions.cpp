#include "spawner/protocol.hpp"

namespace vx11::spawner {

Versions spokenVersions() {
  return {.oldest = 1, .newest = 1};
}

}  // namespace vx11::spawner

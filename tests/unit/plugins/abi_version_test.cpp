#include "plugins/abi_version.hpp"

#include "catch.hpp"

namespace vx11::plugins {

namespace {

PluginNote note(uint32_t major, uint32_t built, uint32_t required) {
  PluginNote made;
  made.abi_major = major;
  made.abi_minor_built = built;
  made.abi_minor_required = required;
  made.sdk_version = "1.9.0";
  return made;
}

const HostAbi kHost{1, 4, "2.0.0"};

}  // namespace

using Catch::Matchers::Contains;

TEST_CASE("plugin version: equal major and no newer minor needed is loaded") {
  CHECK_FALSE(versionFault(note(1, 4, 4), kHost));
  CHECK_FALSE(versionFault(note(1, 0, 0), kHost));
}

TEST_CASE("plugin version: built with a newer SDK but content with this host is loaded") {
  CHECK_FALSE(versionFault(note(1, 9, 4), kHost));
}

TEST_CASE("plugin version: a newer minor is refused with both versions and the fix") {
  const auto fault = versionFault(note(1, 9, 5), kHost);
  REQUIRE(fault);
  CHECK_THAT(*fault, Contains("needs plugin ABI 1.5") && Contains("vx11 2.0.0 speaks 1.4") &&
                         Contains("upgrade vx11") && Contains("TARGET_MINOR 4"));
}

TEST_CASE("plugin version: another major is refused either way with both versions and the fix") {
  for (const uint32_t major : {0u, 2u}) {
    const auto fault = versionFault(note(major, 3, 0), kHost);
    REQUIRE(fault);
    CHECK_THAT(*fault, Contains("ABI " + std::to_string(major) + ".3") && Contains("SDK 1.9.0") &&
                           Contains("vx11 2.0.0 speaks 1.4") && Contains("rebuild it"));
  }
}

}  // namespace vx11::plugins

// As in a build that is installed.
#undef VX11_FAULT_POINTS
#include <string>

#include "base/fault_point.hpp"
#include "catch.hpp"

#define VX11_TEXT_OF(...) #__VA_ARGS__
#define VX11_EXPANDED(...) VX11_TEXT_OF(__VA_ARGS__)

TEST_CASE("fault point: without the option a point is nothing, not even a name") {
  CHECK(std::string(VX11_EXPANDED(VX11_FAULT_POINT("end.after_commit"))) == "static_cast<void>(0)");
  VX11_FAULT_POINT("a name that nobody has");
}

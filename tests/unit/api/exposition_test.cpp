#include "api/exposition.hpp"

#include "catch.hpp"

using namespace vx11::api;

TEST_CASE("exposition: metrics, labels and numbers as Prometheus reads them") {
  Exposition out;
  out.single("a_total", "counter", "What a is.", 3);
  out.metric("b_seconds", "histogram", "How long.");
  out.sample(1, {{"type", "x"}, {"le", "0.1"}}, "_bucket");
  out.sample(0.125, {{"type", "quote \" back \\ line\n"}}, "_sum");
  out.sample(12'345'678'901.0);
  CHECK(out.take() ==
        "# HELP a_total What a is.\n# TYPE a_total counter\na_total 3\n"
        "# HELP b_seconds How long.\n# TYPE b_seconds histogram\n"
        "b_seconds_bucket{type=\"x\",le=\"0.1\"} 1\n"
        "b_seconds_sum{type=\"quote \\\" back \\\\ line\\n\"} 0.125\n"
        "b_seconds 12345678901\n");
}

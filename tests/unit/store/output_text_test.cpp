#include "store/output_text.hpp"

#include "catch.hpp"

namespace vx11::store::test {

TEST_CASE("output text: UTF-8 without NUL is kept as it is") {
  CHECK_FALSE(readableForm(""));
  CHECK_FALSE(readableForm("a \\ back\tslash ñ 漢 \x1b[0m\n"));
}

TEST_CASE("output text: each byte that is no text is shown, so that the form is exact") {
  CHECK(readableForm("caf\xe9 \\ ñ") == "caf\\xe9 \\\\ ñ");
  using namespace std::string_literals;
  CHECK(readableForm("a\0b\\"s) == "a\\x00b\\\\");
  CHECK(readableForm("\0\0"s) == "\\x00\\x00");
  CHECK(readableForm("\xc3\0\xa9"s) == "\\xc3\\x00\\xa9");
}

}  // namespace vx11::store::test

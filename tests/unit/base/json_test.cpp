#include "base/json.hpp"

#include <limits>
#include <string>

#include "catch.hpp"

using namespace vx11;
using namespace std::string_literals;

namespace {

// The reason of the refusal; fails the test where the text is accepted.
std::string refusal(const std::string& text) {
  try {
    json::parseObject(text);
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kMalformedJson);
    return e.what();
  }
  FAIL("accepted: " + text.substr(0, 200));
  return {};
}

std::string nested(size_t depth) {
  std::string text = "{\"a\":";
  for (size_t i = 1; i < depth; ++i) text += '[';
  text += '1';
  for (size_t i = 1; i < depth; ++i) text += ']';
  return text + "}";
}

}  // namespace

TEST_CASE("json: an object of every kind of value is read and printed again") {
  const auto object = json::parseObject(
      R"({"s":"é\n\"\\\u20ac\ud83d\ude00","i":-9223372036854775808,"u":18446744073709551615,"d":1.5,)"
      R"("t":true,"f":false,"n":null,"a":[1,"x",{"k":[]}],"o":{}})");
  CHECK(json::print(*object) ==
        R"({"a":[1,"x",{"k":[]}],"d":1.5,"f":false,"i":-9223372036854775808,"n":null,"o":{},)"
        R"("s":"é\n\"\\€😀","t":true,"u":18446744073709551615})");
}

TEST_CASE("json: blank text is an empty object") {
  CHECK(json::parseObject("")->size() == 0);
  CHECK(json::parseObject(" \r\n\t")->size() == 0);
  CHECK(json::parseObject(" { } ")->size() == 0);
}

TEST_CASE("json: a name given twice is refused, however it is written") {
  CHECK_THAT(refusal(R"({"a":1,"a":1})"), Catch::Contains("\"a\" is given twice"));
  CHECK_THAT(refusal(R"({"a":1,"\u0061":2})"), Catch::Contains("twice"));
  CHECK_THAT(refusal(R"({"x":[{"b":1,"b":2}]})"), Catch::Contains("twice"));
  CHECK_NOTHROW(json::parseObject(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"));
}

TEST_CASE("json: NUL in a name is malformed, in a value it is kept for its field to judge") {
  CHECK_THAT(refusal(R"({"a\u0000x":1})"), Catch::Contains("\\u0000"));
  CHECK_THAT(refusal(R"({"a\u0000" : 1})"), Catch::Contains("\\u0000"));
  CHECK_THAT(refusal("{\"a\0b\":1}"s), Catch::Contains("control"));
  CHECK_THAT(refusal("{\"a\":\"x\0\"}"s), Catch::Contains("control"));
  const auto object = json::parseObject(R"({"a":"x\u0000y","b":"\\u0000"})");
  CHECK(object->getValue<std::string>("a") == "x\0y"s);
  CHECK(object->getValue<std::string>("b") == "\\u0000");
  CHECK(json::print(*object) == R"({"a":"x\u0000y","b":"\\u0000"})");
}

TEST_CASE("json: bytes that are not UTF-8 are refused in names, values and outside") {
  for (const auto& text :
       {"{\"a\":\"\xff\"}"s, "{\"\xc3\":1}"s, "{\"a\":\"\xed\xa0\x80\"}"s, "\xff{}"s, "{}\x80"s}) {
    CHECK_THAT(refusal(text), Catch::Contains("UTF-8"));
  }
  refusal(R"({"a":"\ud800"})");
  refusal(R"({"a":"\udc00"})");
  refusal(R"({"a":"\ud800\u0041"})");
}

TEST_CASE("json: 32 levels are read, the 33rd is refused, a million are refused without harm") {
  CHECK_NOTHROW(json::parseObject(nested(32)));
  refusal(nested(33));
  refusal(nested(1'000'000));
  refusal("{\"a\":" + std::string(1'000'000, '['));
}

TEST_CASE("json: numbers that no 64 bits or double hold are refused") {
  CHECK_THAT(refusal(R"({"a":1e999})"), Catch::Contains("out of range"));
  CHECK_THAT(refusal(R"({"a":-1e999})"), Catch::Contains("out of range"));
  CHECK_THAT(refusal(R"({"a":18446744073709551616})"), Catch::Contains("out of range"));
  CHECK_THAT(refusal(R"({"a":-9223372036854775809})"), Catch::Contains("out of range"));
  CHECK_THAT(refusal("{\"a\":" + std::string(5000, '9') + "}"), Catch::Contains("out of range"));
  const auto object = json::parseObject(R"({"a":0.12345678901234567890123456789,"b":-0.0,"c":1E+2})");
  CHECK(object->getValue<double>("a") == Approx(0.123456789));
  CHECK(object->getValue<double>("c") == 100);
}

TEST_CASE("json: what only looks like JSON is refused") {
  for (const char* text : {"{",
                           "}",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\":[1,]}",
                           "{\"a\":[1",
                           "{\"a\" 1}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":1e}",
                           "{\"a\":-}",
                           "{\"a\":0x1}",
                           "{\"a\":NaN}",
                           "{\"a\":Infinity}",
                           "{\"a\":nul}",
                           "{\"a\":True}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"",
                           "{\"a\":\"\n\"}",
                           "{\"a\":1}x",
                           "{}{}",
                           "{} {}",
                           "{}]",
                           "[]",
                           "[1]",
                           "1",
                           "\"a\"",
                           "null",
                           "true",
                           "// c\n{}",
                           "{/**/}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":[1 2]}",
                           "{\"a\":]}",
                           "{\"a\":[}",
                           "\xef\xbb\xbf{}",
                           "{\"a\\",
                           "{1:2}",
                           "{null:1}",
                           "{[]:1}"}) {
    INFO(text);
    CHECK_FALSE(refusal(text).empty());
  }
}

TEST_CASE("json: printing keeps the order of a new object and refuses what JSON cannot say") {
  auto object = json::newObject();
  object->set("z", 1);
  object->set("a", "two");
  object->set("m", Poco::Dynamic::Var());
  object->set("z", 3);
  CHECK(json::print(*object) == R"({"z":3,"a":"two","m":null})");
  object->set("bad", std::numeric_limits<double>::infinity());
  CHECK_THROWS_AS(json::print(*object), Error);
  object->set("bad", std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_AS(json::print(*object), Error);
}

TEST_CASE("json: printed control characters and quotes come back as they were") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  auto object = json::newObject();
  object->set("s", all);
  CHECK(json::parseObject(json::print(*object))->getValue<std::string>("s") == all);
}

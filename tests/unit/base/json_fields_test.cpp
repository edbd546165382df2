#include <algorithm>
#include <string>

#include "base/json.hpp"
#include "catch.hpp"

using namespace vx11;
using json::Fields;
using json::UnknownFields;
using namespace std::string_literals;

namespace {

std::vector<FieldError> faults(Fields& fields, UnknownFields unknown = UnknownFields::kRefuse) {
  try {
    fields.finish(unknown);
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kInvalidField);
    return e.fields();
  }
  return {};
}

// The message for the one faulty field `name` of an integer 1 to 86400.
std::string integerFault(const std::string& value) {
  Fields fields(json::parseObject("{\"n\":" + value + "}"));
  CHECK_FALSE(fields.integer("n", 1, 86400).has_value());
  const auto errors = faults(fields);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].field == "n");
  return errors[0].message;
}

}  // namespace

TEST_CASE("fields: every kind is taken out with its value") {
  Fields fields(json::parseObject(
      R"({"s":"é","i":60,"b":false,"o":{"x":1},"l":["a",""],"ol":[{},{}],"m":{"A":"1"},"b64":"AAE=","null":null})"));
  CHECK(fields.string("s") == "é");
  CHECK(fields.integer("i", 60, 60) == 60);
  CHECK(fields.boolean("b") == false);
  CHECK(fields.object("o").value()->size() == 1);
  CHECK(fields.strings("l") == std::vector<std::string>{"a", ""});
  CHECK(fields.objects("ol")->size() == 2);
  CHECK(fields.stringMap("m") == std::map<std::string, std::string>{{"A", "1"}});
  CHECK(fields.base64("b64") == "\0\x01"s);
  CHECK_FALSE(fields.string("null").has_value());
  CHECK_FALSE(fields.integer("absent", 0, 1).has_value());
  CHECK(fields.has("s"));
  CHECK_FALSE(fields.has("null"));
  CHECK_FALSE(fields.has("absent"));
  CHECK_NOTHROW(fields.finish(UnknownFields::kRefuse));
}

TEST_CASE("fields: an integer is a whole number within its range, nothing that could be turned into one") {
  CHECK_THAT(integerFault("\"60\""), Catch::Contains("without quotes"));
  CHECK_THAT(integerFault("60.0"), Catch::Contains("whole number"));
  CHECK_THAT(integerFault("6e1"), Catch::Contains("whole number"));
  CHECK_THAT(integerFault("true"), Catch::Contains("whole number") && Catch::Contains("true or false"));
  CHECK_THAT(integerFault("[60]"), Catch::Contains("a list"));
  CHECK_THAT(integerFault("{}"), Catch::Contains("an object"));
  CHECK_THAT(integerFault("0"), Catch::Contains("between 1 and 86400, not 0"));
  CHECK_THAT(integerFault("-1"), Catch::Contains("not -1"));
  CHECK_THAT(integerFault("86401"), Catch::Contains("not 86401"));
  CHECK_THAT(integerFault("9223372036854775808"), Catch::Contains("not 9223372036854775808"));
  CHECK_THAT(integerFault("18446744073709551615"), Catch::Contains("between"));
}

TEST_CASE("fields: a string is text of the asked length without NUL") {
  Fields fields(json::parseObject(R"({"empty":"","long":"abcd","nul":"a\u0000b","number":5,"short":"a"})"));
  CHECK_FALSE(fields.string("empty", {1, 10}));
  CHECK_FALSE(fields.string("long", {0, 3}));
  CHECK_FALSE(fields.string("nul"));
  CHECK_FALSE(fields.string("number"));
  CHECK_FALSE(fields.string("short", {2, 3}));
  const auto errors = faults(fields);
  REQUIRE(errors.size() == 5);
  CHECK(errors[0].message == "must not be empty");
  CHECK(errors[1].message == "must have at most 3 bytes, not 4");
  CHECK_THAT(errors[2].message, Catch::Contains("\\u0000"));
  CHECK(errors[3].message == "must be a string, not a number");
  CHECK(errors[4].message == "must have at least 2 bytes");
}

TEST_CASE("fields: the faulty item of a list or map is named") {
  Fields fields(
      json::parseObject(R"({"args":["a",1,"\u0000"],"files":[{},"x"],"env":{"A":1,"B":"\u0000","C":"c"}})"));
  CHECK_FALSE(fields.strings("args"));
  CHECK_FALSE(fields.objects("files"));
  CHECK_FALSE(fields.stringMap("env"));
  std::vector<std::string> named;
  for (const auto& error : faults(fields)) named.push_back(error.field);
  CHECK(named == std::vector<std::string>{"args[1]", "args[2]", "files[1]", "env.A", "env.B"});
}

TEST_CASE("fields: other types are named for what they are") {
  Fields fields(json::parseObject(R"({"b":1,"o":[],"l":"x","ol":{},"m":[],"b64":"***"})"));
  CHECK_FALSE(fields.boolean("b"));
  CHECK_FALSE(fields.object("o"));
  CHECK_FALSE(fields.strings("l"));
  CHECK_FALSE(fields.objects("ol"));
  CHECK_FALSE(fields.stringMap("m"));
  CHECK_FALSE(fields.base64("b64"));
  const auto errors = faults(fields);
  REQUIRE(errors.size() == 6);
  CHECK(errors[0].message == "must be true or false, not a number");
  CHECK(errors[1].message == "must be an object, not a list");
  CHECK(errors[2].message == "must be a list of strings, not a string");
  CHECK(errors[3].message == "must be a list of objects, not an object");
  CHECK(errors[4].message == "must be an object, not a list");
  CHECK_THAT(errors[5].message, Catch::Contains("base64"));
}

TEST_CASE("fields: of one field the first fault is told, for it explains the others") {
  Fields fields(json::parseObject(R"({"code":1})"));
  CHECK_FALSE(fields.string("code"));
  fields.fail("code", "must not be empty");
  const auto errors = faults(fields);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message == "must be a string, not a number");
}

TEST_CASE("fields: an unknown name is refused with the nearest known one, or ignored when asked") {
  Fields fields(json::parseObject(R"({"cod":"x","banana":null})"));
  CHECK_FALSE(fields.string("code"));
  fields.known("task_type");
  const auto errors = faults(fields);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].field == "banana");
  CHECK(errors[0].message == "unknown field \"banana\"");
  CHECK(errors[1].field == "cod");
  CHECK(errors[1].message == "unknown field \"cod\"; did you mean \"code\"?");

  Fields lenient(json::parseObject(R"({"cod":"x"})"));
  CHECK_NOTHROW(lenient.finish(UnknownFields::kIgnore));
}

TEST_CASE("fields: all faults come at once, those of nested objects with their place") {
  Fields fields(json::parseObject(R"({"ttl":0,"cod":1,"files":[{"nam":"x","mode":"r"}]})"));
  CHECK_FALSE(fields.integer("ttl", 1, 2));
  fields.known("code");
  const auto files = fields.objects("files");
  REQUIRE(files);
  Fields file(files->at(0), "files[0].");
  CHECK_FALSE(file.string("name"));
  CHECK_FALSE(file.integer("mode", 0, 0777));
  fields.absorb(file, UnknownFields::kRefuse);
  fields.fail("code", "must be given");
  std::vector<std::string> named;
  for (const auto& error : faults(fields)) named.push_back(error.field);
  CHECK(named == std::vector<std::string>{"ttl", "files[0].mode", "files[0].nam", "code", "cod"});
}

TEST_CASE("fields: one fault is the whole sentence, several are counted") {
  Fields one(json::parseObject(R"({"x":1})"));
  CHECK_THROWS_WITH(one.finish(UnknownFields::kRefuse), "x: unknown field \"x\"");
  Fields two(json::parseObject(R"({"x":1,"y":1})"));
  CHECK_THROWS_WITH(two.finish(UnknownFields::kRefuse), Catch::Contains("2 fields"));
}

TEST_CASE("fields: a flood of faults is answered with a bounded number of short ones") {
  std::string text = "{\"" + std::string(100'000, 'k') + "\":1";
  for (int i = 0; i < 1000; ++i) text += ",\"f" + std::to_string(i) + "\":1";
  Fields fields(json::parseObject(text + "}"));
  const auto errors = faults(fields);
  CHECK(errors.size() <= 64);
  CHECK(std::all_of(errors.begin(), errors.end(), [](const auto& e) { return e.field.size() < 100; }));
}

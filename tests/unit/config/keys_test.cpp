#include "config/keys.hpp"

#include <fstream>
#include <map>
#include <vector>

#include "catch.hpp"

using namespace vx11::config;

namespace {

// "key = value" and "#key =" lines of the shipped file, in order; a comment is a sentence, a key has no blank
// in it.
std::vector<std::pair<std::string, std::string>> shippedKeys() {
  std::ifstream file(VX11_PROPERTIES_FILE);
  REQUIRE(file);
  std::vector<std::pair<std::string, std::string>> keys;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("#")) line.erase(0, 1);
    const auto equals = line.find(" =");
    if (equals == std::string::npos || line.starts_with(" ") || line.find(' ') != equals) continue;
    const auto value = line.find_first_not_of(" =", equals);
    keys.emplace_back(line.substr(0, equals), value == std::string::npos ? "" : line.substr(value));
  }
  return keys;
}

}  // namespace

TEST_CASE(
    "keys: the shipped file lists the same keys with the same defaults as the code, in the same order") {
  const auto shipped = shippedKeys();
  std::vector<std::pair<std::string, std::string>> coded;
  for (const auto& key : keys()) coded.emplace_back(key.name, key.fallback);
  CHECK(shipped == coded);
}

TEST_CASE("keys: a star stands for one plugin name") {
  const auto match = findKey("interpreter.python.program");
  REQUIRE(match.key != nullptr);
  CHECK(match.star == "python");
  CHECK(findKey("interpreter..program").key == nullptr);
  CHECK(findKey("interpreter.program").key == nullptr);
}

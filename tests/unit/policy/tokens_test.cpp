#include "policy/tokens.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"

using namespace vx11;
using Catch::Contains;

namespace {

std::filesystem::path tokenFile(const test::TempDirectory& directory, const std::string& text,
                                mode_t mode = 0600) {
  const auto file = directory.path() / "token";
  std::ofstream(file) << text;
  chmod(file.c_str(), mode);
  return file;
}

std::string refusal(const std::filesystem::path& file) {
  try {
    policy::Token::fromFile(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("token: the first line counts, trimmed") {
  const test::TempDirectory directory;
  const auto token = policy::Token::fromFile(tokenFile(directory, "  secret \r\nsecond line\n"));
  CHECK(token.matches("secret"));
  CHECK_FALSE(token.matches("secre"));
  CHECK_FALSE(token.matches("secrets"));
  CHECK_FALSE(token.matches("secretsecret"));
  CHECK_FALSE(token.matches(""));
}

TEST_CASE("token: any length is accepted") {
  const test::TempDirectory directory;
  const std::string secret(20000, 'x');
  CHECK(policy::Token::fromFile(tokenFile(directory, secret)).matches(secret));
  CHECK(policy::Token::fromFile(tokenFile(directory, "a")).matches("a"));
}

TEST_CASE("token: a file that others may read or change is refused with the command that mends it") {
  const test::TempDirectory directory;
  CHECK_THAT(refusal(tokenFile(directory, "x\n", 0644)), Contains("chmod 600"));
  CHECK_THAT(refusal(tokenFile(directory, "x\n", 0620)), Contains("chmod 600"));
  CHECK(refusal(tokenFile(directory, "x\n", 0640)) == "accepted");
}

TEST_CASE("token: an empty file is refused") {
  const test::TempDirectory directory;
  CHECK_THAT(refusal(tokenFile(directory, " \n")), Contains("is empty"));
}

TEST_CASE("token: a missing file is made, private, and stays the same") {
  const test::TempDirectory directory;
  const auto file = directory.path() / "token";
  policy::Token::fromFile(file);
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  std::string secret;
  std::getline(std::ifstream(file), secret);
  CHECK(secret.size() == 64);
  CHECK(policy::Token::fromFile(file).matches(secret));
}

TEST_CASE("token: a file that cannot be made names the path") {
  CHECK_THAT(refusal("/nonexistent/token"), Contains("/nonexistent/token"));
}

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
    policy::Tokens tokens(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("token: the first line counts, trimmed") {
  const test::TempDirectory directory;
  policy::Tokens token(tokenFile(directory, "  secret \r\nsecond line\n"));
  CHECK(token.match("secret"));
  CHECK_FALSE(token.match("secre"));
  CHECK_FALSE(token.match("secrets"));
  CHECK_FALSE(token.match("secretsecret"));
  CHECK_FALSE(token.match(""));
}

TEST_CASE("token: any length is accepted") {
  const test::TempDirectory directory;
  const std::string secret(20000, 'x');
  CHECK(policy::Tokens(tokenFile(directory, secret)).match(secret));
  CHECK(policy::Tokens(tokenFile(directory, "a")).match("a"));
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
  policy::Tokens(std::filesystem::path(file));
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  std::string secret;
  std::getline(std::ifstream(file), secret);
  CHECK(secret.size() == 64);
  CHECK(policy::Tokens(file).match(secret));
}

TEST_CASE("token: a file that cannot be made names the path") {
  CHECK_THAT(refusal("/nonexistent/token"), Contains("/nonexistent/token"));
}

TEST_CASE("token: a line with a hash stands for another token, anything else for none") {
  const test::TempDirectory directory;
  // echo -n hush | sha256sum
  const std::string hash = "sha256:dc8331bcb2283e89d275a1c2fe66f7bf5ac3163ec1967f149dd7e27906365f0c";
  policy::Tokens tokens(tokenFile(directory, "secret\n# a comment\nsecond line\n" + hash +
                                                 " laptop\nsha256:zz x\n" + hash + "0 longer\n"));
  CHECK(tokens.match("secret"));
  CHECK(tokens.match("hush"));
  CHECK_FALSE(tokens.match("line"));
  CHECK_FALSE(tokens.match("second line"));
  CHECK_FALSE(tokens.match(hash));
  CHECK_FALSE(tokens.match("laptop"));
  CHECK_FALSE(tokens.match(""));
}

TEST_CASE("token: a file that changes is read again, one that cannot be accepted changes nothing") {
  const test::TempDirectory directory;
  const auto file = tokenFile(directory, "first\n");
  policy::Tokens tokens(file);
  CHECK(tokens.match("first"));
  tokenFile(directory, "second and longer\n");
  CHECK(tokens.match("second and longer"));
  CHECK_FALSE(tokens.match("first"));
  tokenFile(directory, "third\n", 0644);
  CHECK(tokens.match("second and longer"));
  CHECK_FALSE(tokens.match("third"));
  tokenFile(directory, "\n");
  CHECK(tokens.match("second and longer"));
  std::filesystem::remove(file);
  CHECK(tokens.match("second and longer"));
  tokenFile(directory, "fourth\n");
  CHECK(tokens.match("fourth"));
}

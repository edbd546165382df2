// Where the host is, and the token that opens its door.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vx11::client {

struct Place {
  std::string url;                   // http://HOST:PORT
  std::string token;                 // empty: none was found
  std::string token_origin;          // where it is from, or why there is none, for people
  std::filesystem::path token_file;  // of the vx11d on this machine; empty: none was found
  std::filesystem::path state;       // the state directory that both are from; empty: they are from elsewhere
};

// What the command line says; empty: nothing.
struct PlaceOptions {
  std::string url{};
  std::filesystem::path token_file{};
  std::filesystem::path state{};
};

using Environment = std::function<std::optional<std::string>(const char* name)>;

// The command line wins, then VX11_URL, VX11_TOKEN and VX11_STATE, then what a vx11d on this machine has left
// in its state directory: `door` with its address and `token`. A token of this machine is never sent to
// another one. Throws Failure where a file that was named cannot be read, or the address is none.
Place findPlace(const PlaceOptions& options, const Environment& environment);

// Where state directories are looked for, in this order: the system's, then the user's own.
std::vector<std::filesystem::path> usualStates(const Environment& environment);

}  // namespace vx11::client

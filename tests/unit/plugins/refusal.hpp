// The sentence of the Error that a call throws.
#pragma once

#include <string>

#include "base/error.hpp"
#include "catch.hpp"

namespace vx11::plugins {

template <class Call>
std::string refusal(ErrorCode code, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(static_cast<int>(error.code()) == static_cast<int>(code));
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace vx11::plugins

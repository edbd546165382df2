// The only file that includes Catch2: its next major version costs one line here.
#pragma once

#include <catch2/catch.hpp>

// Catch2's SIGSEGV handler would hide the core of a crash test (catchorg/Catch2#611).
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#define CATCH_CONFIG_MAIN
#include "catch.hpp"

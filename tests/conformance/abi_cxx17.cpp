// C++17, the oldest dialect that plugins may use.
static_assert(__cplusplus == 201703L, "built in another dialect");
#include "abi_wrapper.h"

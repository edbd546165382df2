// C++20, the dialect of the host.
static_assert(__cplusplus == 202002L, "built in another dialect");
#include "abi_wrapper.h"

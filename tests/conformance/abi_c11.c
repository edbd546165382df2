/* The C headers stand alone in C11, and each can be included by itself and first. */
#include <vx11/interpreter.h>

#include "abi_layout.h"

/* A pointer type in another argument place must not compile silently: the entry function as plugins define
 * it. */
static const vx11_plugin_t* entry(const vx11_host_t* host) {
  return VX11_HAS(host, get_service) ? NULL : (const vx11_plugin_t*)0;
}
const vx11_plugin_t* (*abi_c11_entry)(const vx11_host_t*) = entry;

VX11_PLUGIN_NOTE(VX11_KIND_INTERPRETER, "org.test.c11", "1.0.0");

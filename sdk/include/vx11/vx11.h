/* The whole C ABI. C++ authors are better served by plugin.hpp. */
#ifndef VX11_VX11_H
#define VX11_VX11_H

#include <vx11/abi.h>
#include <vx11/host.h>
#include <vx11/interpreter.h>
#include <vx11/plugin.h>

#endif

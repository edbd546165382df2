/*
 * The rules and the basic types of everything that crosses the border between vx11 and a plugin.
 *
 * - Fixed-width integers, doubles, pointers and function pointers only: no enum, bool, long, bitfield,
 * varargs, FILE* or time_t, whose size or layout depends on the compiler and its flags.
 * - Every struct starts with struct_size, which its creator sets to sizeof. Structs grow only at their end; a
 * reader uses a field only where VX11_HAS says that it is there. Zero always means "absent" or "the default".
 * - What a function is given is borrowed until it returns: copy what must live longer. Nobody ever frees
 * memory of the other side. Data leaves a plugin only through sinks of the host, which copy at once.
 * - No function lets a C++ exception (or a longjmp) out.
 * - 64-bit little-endian Linux.
 *
 * Thread tags, one at each function: [loader] is called by one thread, while the host starts or ends, never
 * at the same time as any other call into this plugin; [thread-safe] may be called by any thread at any time;
 * [caller] may be called only by the thread that was given the object, until the call that gave it returns.
 */
#ifndef VX11_ABI_H
#define VX11_ABI_H

#include <stddef.h>
#include <stdint.h>

/* The version of this ABI. A host loads a plugin of its own major that needs no newer minor. */
#define VX11_ABI_MAJOR 0u
#define VX11_ABI_MINOR 1u

/* The version of these files, for people. */
#define VX11_SDK_VERSION "0.1.0"

/*
 * The oldest host that the plugin wants to run on: a minor of this ABI major. Whatever is newer than it is
 * hidden, so that a call which such a host lacks is a compile error here and not a refusal there. Raise it
 * deliberately, by vx11_add_plugin(… TARGET_MINOR n).
 */
#ifndef VX11_TARGET_MINOR
#define VX11_TARGET_MINOR 1u
#endif
#if VX11_TARGET_MINOR < 1 || VX11_TARGET_MINOR > VX11_ABI_MINOR
#error "VX11_TARGET_MINOR must be between 1 and this SDK's VX11_ABI_MINOR"
#endif

#ifdef __cplusplus
#define VX11_NOEXCEPT noexcept
#else
#define VX11_NOEXCEPT
#endif

/* The only symbol that a plugin exports carries this; everything else is to be hidden (-fvisibility=hidden).
 */
#define VX11_EXPORT __attribute__((visibility("default")))

/*
 * Whether the struct at p was made with this field. Valid for every struct that starts with struct_size.
 * `VX11_HAS(request, cwd) ? request->cwd : default`
 */
#define VX11_HAS(p, field) \
  (offsetof(__typeof__(*(p)), field) + sizeof((p)->field) <= (size_t)(p)->struct_size)

/* Text or bytes, not ended by NUL. Text is UTF-8, a path is bytes. p may be NULL where n is 0. */
typedef struct vx11_str_t {
  const char* p;
  uint64_t n;
} vx11_str_t;

/* One variable of an environment. */
typedef struct vx11_pair_t {
  vx11_str_t name;
  vx11_str_t value;
} vx11_pair_t;

/* What functions that can fail return. Any other negative number counts as VX11_ERR_INTERNAL. */
#define VX11_OK 0
#define VX11_ERR_INVALID_ARG (-1)   /* the request is at fault: say which field through the error sink */
#define VX11_ERR_NOT_SUPPORTED (-2) /* the request asks for what this plugin does not do */
#define VX11_ERR_INTERNAL (-3)      /* the plugin is at fault */
#define VX11_ERR_EXCEPTION (-4)     /* a C++ exception ended at the plugin's barrier */

#endif

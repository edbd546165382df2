/* What the host offers: services by name, and the sink that takes errors. A plugin links no symbol of the
 * host. */
#ifndef VX11_HOST_H
#define VX11_HOST_H

#include <vx11/abi.h>

/*
 * Takes the reason of a failure. Owned by the host, valid for the call that it was passed to.
 * A function that returns another status than VX11_OK must say why here first: a failure without a reason is
 * logged as a bug of the plugin.
 */
typedef struct vx11_error_sink_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /*
   * [caller] The reason: a sentence for people that says what to change. A later call replaces it. `status`
   * is one of VX11_ERR_*, the same as the function will return; `flags` is 0. Text that is not UTF-8 is
   * escaped. Copied.
   */
  void (*set)(const struct vx11_error_sink_t* self, int32_t status, uint32_t flags, vx11_str_t message);
  /*
   * [caller] Blames one field of the request by its name on the wire ("args[0]", "cwd"), with what to change
   * about it. Any number of times. Copied.
   */
  void (*field)(const struct vx11_error_sink_t* self, vx11_str_t name, vx11_str_t message);
} vx11_error_sink_t;

/* The host itself. Given to the entry function; valid until the process ends. */
typedef struct vx11_host_t {
  uint32_t struct_size;
  uint32_t reserved;  /* 0 */
  uint32_t abi_major; /* what the host speaks, which may be newer than VX11_ABI_MINOR */
  uint32_t abi_minor;
  vx11_str_t version; /* the host's own, for people: "0.1.0" */
  /*
   * [thread-safe] The service of that name, for instance VX11_LOG_ID; NULL where this host has none: a plugin
   * goes on without it. Valid until the process ends. The name says which struct to cast to.
   */
  const void* (*get_service)(const struct vx11_host_t* self, vx11_str_t id);
} vx11_host_t;

/* A line in the host's log, with the plugin's name on it. Plugins never write to stdout or stderr themselves.
 */
#define VX11_LOG_ID "vx11.log/1"
#define VX11_LOG_INFO 0u
#define VX11_LOG_WARNING 1u
#define VX11_LOG_ERROR 2u

typedef struct vx11_log_v1_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* [thread-safe] One line, escaped where needed, cut at 4,096 bytes. An unknown level is an error's. Copied.
   */
  void (*write)(const struct vx11_log_v1_t* self, uint32_t level, vx11_str_t message);
} vx11_log_v1_t;

#endif

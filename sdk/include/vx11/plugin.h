/*
 * What makes a shared object a plugin: a note that is read before any of its code runs, and one exported
 * function.
 *
 * Rationale for the note: dlopen runs static constructors before any version can be asked for, so whatever
 * decides whether to load must be readable from the file.
 */
#ifndef VX11_PLUGIN_H
#define VX11_PLUGIN_H

#include <vx11/abi.h>
#include <vx11/host.h>

/* Kinds of plugins: bits of the note, and the interface that each stands for. */
#define VX11_KIND_INTERPRETER 1u /* vx11.interpreter/1, see interpreter.h */

#define VX11_NOTE_OWNER "VX11"
#define VX11_NOTE_TYPE 1u
#define VX11_NOTE_MAGIC "VX11PLG"

/*
 * The content of the ELF note, 256 bytes for good: a later need takes from `reserved`. Texts are ASCII, ended
 * by NUL within their field. The 32-bit fields keep it aligned to 4, as the note's header is: a 64-bit one
 * would move it.
 */
typedef struct vx11_note_t {
  char magic[8];
  uint32_t note_size; /* 256 */
  uint32_t abi_major;
  uint32_t abi_minor_built;    /* of the SDK that it was built with, for people */
  uint32_t abi_minor_required; /* the oldest host that it runs on: VX11_TARGET_MINOR */
  uint32_t kinds[2];           /* VX11_KIND_*, bits 0 to 63 */
  uint32_t capabilities[2];    /* none is defined yet: 0 */
  char id[80];                 /* reverse DNS of [A-Za-z0-9._-]: "org.example.lua" */
  char version[32];            /* the plugin's own: "1.0.0" */
  char sdk_version[32];
  char sdk_commit[48]; /* empty where it is not known */
  uint8_t reserved[24];
} vx11_note_t;

/* The note as it lies in the file. */
typedef struct vx11_elf_note_t {
  uint32_t owner_size; /* 5, with the NUL */
  uint32_t note_size;
  uint32_t type;
  char owner[8];
  vx11_note_t note;
} vx11_elf_note_t;

/* Chosen by the object that asks for an instance. Borrowed until create() returns. */
typedef struct vx11_create_args_t {
  uint32_t struct_size;
  uint32_t reserved;       /* 0 */
  vx11_str_t interface_id; /* what the instance is for: "vx11.interpreter/1" */
} vx11_create_args_t;

/*
 * The plugin's descriptor: static, valid until the process ends (a plugin is never unmapped). id and version
 * must be those of the note.
 */
typedef struct vx11_plugin_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  vx11_str_t id;
  vx11_str_t name; /* 1 to 32 of [a-z0-9_-]: the NAME of the configuration key interpreter.NAME.program */
  vx11_str_t version;
  /*
   * [thread-safe] Required. The struct of functions for an interface, static like the descriptor, or NULL for
   * one that the plugin does not have. Compares the whole id.
   */
  const void* (*get_interface)(vx11_str_t id);
  /* [loader] Optional. Once, before the first create(). */
  int32_t (*start)(const vx11_error_sink_t* error);
  /* [loader] Optional. Once, after the last destroy(): join threads, flush. */
  void (*stop)(void);
  /*
   * [loader] Optional, together with destroy: makes the object that the interface's functions get first.
   * Without it they get NULL. On failure *instance stays untouched and destroy() is not called.
   */
  int32_t (*create)(const vx11_create_args_t* args, void** instance, const vx11_error_sink_t* error);
  /* [loader] Once for each instance, after its last call returned. */
  void (*destroy)(void* instance);
} vx11_plugin_t;

/*
 * [loader] The one exported symbol; the ABI's generation is in its name. Returns the descriptor, or NULL
 * where the plugin cannot work at all. Must be fast: no threads, no input or output. A second host object in
 * the same process (as in tests) calls it again.
 */
#ifdef __cplusplus
extern "C"
#endif
    VX11_EXPORT const vx11_plugin_t*
    vx11_plugin_entry_v1(const vx11_host_t* host) VX11_NOEXCEPT;

#define VX11_PLUGIN_ENTRY "vx11_plugin_entry_v1"

/* vx11_add_plugin() sets it where the SDK's commit is known. */
#ifndef VX11_SDK_COMMIT
#define VX11_SDK_COMMIT ""
#endif

/* clang puts red zones even behind variables with a section of their own, which would tear the note. */
#ifdef __clang__
#define VX11_NOTE_UNPADDED __attribute__((no_sanitize("address")))
#else
#define VX11_NOTE_UNPADDED
#endif

/*
 * Writes the note; at file scope, once in a plugin:
 *   VX11_PLUGIN_NOTE(VX11_KIND_INTERPRETER, "org.example.lua", "1.0.0")
 * A text that is too long for its field does not compile in C++, and loses its NUL in C, which the host
 * refuses.
 */
/* clang-format off */
#define VX11_PLUGIN_NOTE(kind_bits, plugin_id, plugin_version)                                             \
  VX11_NOTE_UNPADDED __attribute__((used, section(".note.vx11"), aligned(4)))                              \
  static const vx11_elf_note_t vx11_plugin_note = {                                                        \
      sizeof(VX11_NOTE_OWNER), sizeof(vx11_note_t), VX11_NOTE_TYPE, VX11_NOTE_OWNER,                       \
      {VX11_NOTE_MAGIC, sizeof(vx11_note_t), VX11_ABI_MAJOR, VX11_ABI_MINOR, VX11_TARGET_MINOR,            \
       {(kind_bits), 0u}, {0u, 0u}, plugin_id, plugin_version, VX11_SDK_VERSION, VX11_SDK_COMMIT, {0}}}
/* clang-format on */

#endif

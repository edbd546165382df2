/*
 * Interpreters describe, the host runs: an interpreter turns a request into a plan of what to start, and
 * starts nothing itself. Plans can therefore be printed, tested and checked before anything runs.
 */
#ifndef VX11_INTERPRETER_H
#define VX11_INTERPRETER_H

#include <vx11/abi.h>
#include <vx11/host.h>

#define VX11_INTERPRETER_ID "vx11.interpreter/1"

/* Takes what an interpreter says about itself. Owned by the host, valid for the call; everything is copied.
 */
typedef struct vx11_describe_sink_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* [caller] One task_type that it serves, 1 to 64 of [A-Za-z0-9._+-]; at least one, at most 64 of them. */
  void (*task_type)(const struct vx11_describe_sink_t* self, vx11_str_t name);
  /*
   * [caller] The program that plans start unless they say otherwise: an absolute path, or a bare name that
   * the host looks for in PATH. The operator's interpreter.NAME.program goes before it.
   */
  void (*program)(const struct vx11_describe_sink_t* self, vx11_str_t program);
  /* [caller] What to type where the program is not there: "apt install python3". */
  void (*install_hint)(const struct vx11_describe_sink_t* self, vx11_str_t text);
} vx11_describe_sink_t;

/* What is to be run. Owned by the host, borrowed until plan() returns. */
typedef struct vx11_task_request_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  vx11_str_t task_type;
  vx11_str_t code;        /* any bytes, not empty */
  const vx11_str_t* args; /* for the code itself; no NUL in them */
  uint64_t args_count;
  const vx11_pair_t* env; /* the request's own; the host sets them over the plan's */
  uint64_t env_count;
  vx11_str_t stdin_bytes; /* any bytes */
  vx11_str_t cwd;         /* absolute; empty: the task directory */
  vx11_str_t options;     /* a JSON object, the request's metadata; may be empty */
} vx11_task_request_t;

/*
 * Takes the plan. Owned by the host, valid for the call; everything is copied at once. A call that breaks a
 * rule below (as a NUL where none may be) does nothing, and the host refuses the plan afterwards, naming rule
 * and plugin.
 */
typedef struct vx11_plan_sink_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* [caller] Replaces the described program: absolute path or bare name, no NUL. */
  void (*program)(const struct vx11_plan_sink_t* self, vx11_str_t program);
  /* [caller] The next argument. No shell looks at it. No NUL; at most 10,000 arguments. */
  void (*arg)(const struct vx11_plan_sink_t* self, vx11_str_t text);
  /* [caller] The next argument is the absolute path of a file of this plan, by the name given to file(). */
  void (*arg_file)(const struct vx11_plan_sink_t* self, vx11_str_t name);
  /*
   * [caller] A file that is in the task directory before the program starts. `name` is relative, at most 255
   * bytes, without NUL, "." or ".." parts; each name once; at most 200 files. `mode` has permission bits only
   * (up to 0777), 0 stands for 0600. Code belongs here, never into an argument: those have a small limit, and
   * everybody on the machine can read them.
   */
  void (*file)(const struct vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t content, uint32_t mode);
  /*
   * [caller] A variable that the program needs; a later call replaces an earlier one, the request's own env
   * replaces both. The name is not empty, has no NUL or '=', and does not start with VX11_, which belongs to
   * the host.
   */
  void (*env_set)(const struct vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t value);
  /* [caller] Replaces what the program reads from stdin, which is otherwise the request's. Any bytes. */
  void (*stdin_bytes)(const struct vx11_plan_sink_t* self, vx11_str_t bytes);
  /* [caller] Replaces the working directory, which is otherwise the request's. Absolute, no NUL. */
  void (*cwd)(const struct vx11_plan_sink_t* self, vx11_str_t path);
} vx11_plan_sink_t;

/* The functions of an interpreter. Both are required. */
typedef struct vx11_interpreter_v1_t {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* [loader] Once, after create(). Says at least one task type. */
  int32_t (*describe)(void* instance, const vx11_describe_sink_t* sink, const vx11_error_sink_t* error);
  /*
   * [thread-safe] A pure function: the same request gives the same plan; it starts no process, touches no
   * file and waits for nothing. Several calls may run at once on one instance. VX11_ERR_INVALID_ARG and
   * VX11_ERR_NOT_SUPPORTED blame the request and reach its author; every other failure blames the plugin.
   */
  int32_t (*plan)(void* instance, const vx11_task_request_t* request, const vx11_plan_sink_t* sink,
                  const vx11_error_sink_t* error);
} vx11_interpreter_v1_t;

#endif

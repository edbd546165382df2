/*
 * The layout of every struct of the ABI, as released plugins were built with: a change here breaks them.
 * Appending a field adds a line and changes a size; nothing else may ever change. Compiled as C and C++ in
 * several dialects.
 */
#include <vx11/vx11.h>

#ifdef __cplusplus
#define LOCK(condition) static_assert(condition, #condition)
#else
#define LOCK(condition) _Static_assert(condition, #condition)
#endif
#define SIZE(type, bytes) LOCK(sizeof(type) == (bytes))
#define FIELD(type, field, bytes) LOCK(offsetof(type, field) == (bytes))

SIZE(void*, 8);

SIZE(vx11_str_t, 16);
FIELD(vx11_str_t, p, 0);
FIELD(vx11_str_t, n, 8);
SIZE(vx11_pair_t, 32);
FIELD(vx11_pair_t, name, 0);
FIELD(vx11_pair_t, value, 16);

LOCK(VX11_OK == 0);
LOCK(VX11_ERR_INVALID_ARG == -1);
LOCK(VX11_ERR_NOT_SUPPORTED == -2);
LOCK(VX11_ERR_INTERNAL == -3);
LOCK(VX11_ERR_EXCEPTION == -4);
LOCK(VX11_LOG_INFO == 0 && VX11_LOG_WARNING == 1 && VX11_LOG_ERROR == 2);
LOCK(VX11_KIND_INTERPRETER == 1);
LOCK(VX11_NOTE_TYPE == 1);
LOCK(sizeof(VX11_NOTE_OWNER) == 5 && sizeof(VX11_NOTE_MAGIC) == 8);

SIZE(vx11_error_sink_t, 24);
FIELD(vx11_error_sink_t, struct_size, 0);
FIELD(vx11_error_sink_t, set, 8);
FIELD(vx11_error_sink_t, field, 16);

SIZE(vx11_host_t, 40);
FIELD(vx11_host_t, struct_size, 0);
FIELD(vx11_host_t, abi_major, 8);
FIELD(vx11_host_t, abi_minor, 12);
FIELD(vx11_host_t, version, 16);
FIELD(vx11_host_t, get_service, 32);

SIZE(vx11_log_v1_t, 16);
FIELD(vx11_log_v1_t, struct_size, 0);
FIELD(vx11_log_v1_t, write, 8);

SIZE(vx11_note_t, 256);
FIELD(vx11_note_t, magic, 0);
FIELD(vx11_note_t, note_size, 8);
FIELD(vx11_note_t, abi_major, 12);
FIELD(vx11_note_t, abi_minor_built, 16);
FIELD(vx11_note_t, abi_minor_required, 20);
FIELD(vx11_note_t, kinds, 24);
FIELD(vx11_note_t, capabilities, 32);
FIELD(vx11_note_t, id, 40);
FIELD(vx11_note_t, version, 120);
FIELD(vx11_note_t, sdk_version, 152);
FIELD(vx11_note_t, sdk_commit, 184);
FIELD(vx11_note_t, reserved, 232);
SIZE(vx11_elf_note_t, 276);
FIELD(vx11_elf_note_t, owner_size, 0);
FIELD(vx11_elf_note_t, note_size, 4);
FIELD(vx11_elf_note_t, type, 8);
FIELD(vx11_elf_note_t, owner, 12);
FIELD(vx11_elf_note_t, note, 20);

SIZE(vx11_create_args_t, 24);
FIELD(vx11_create_args_t, struct_size, 0);
FIELD(vx11_create_args_t, interface_id, 8);

SIZE(vx11_plugin_t, 96);
FIELD(vx11_plugin_t, struct_size, 0);
FIELD(vx11_plugin_t, id, 8);
FIELD(vx11_plugin_t, name, 24);
FIELD(vx11_plugin_t, version, 40);
FIELD(vx11_plugin_t, get_interface, 56);
FIELD(vx11_plugin_t, start, 64);
FIELD(vx11_plugin_t, stop, 72);
FIELD(vx11_plugin_t, create, 80);
FIELD(vx11_plugin_t, destroy, 88);

SIZE(vx11_describe_sink_t, 32);
FIELD(vx11_describe_sink_t, struct_size, 0);
FIELD(vx11_describe_sink_t, task_type, 8);
FIELD(vx11_describe_sink_t, program, 16);
FIELD(vx11_describe_sink_t, install_hint, 24);

SIZE(vx11_task_request_t, 120);
FIELD(vx11_task_request_t, struct_size, 0);
FIELD(vx11_task_request_t, task_type, 8);
FIELD(vx11_task_request_t, code, 24);
FIELD(vx11_task_request_t, args, 40);
FIELD(vx11_task_request_t, args_count, 48);
FIELD(vx11_task_request_t, env, 56);
FIELD(vx11_task_request_t, env_count, 64);
FIELD(vx11_task_request_t, stdin_bytes, 72);
FIELD(vx11_task_request_t, cwd, 88);
FIELD(vx11_task_request_t, options, 104);

SIZE(vx11_plan_sink_t, 64);
FIELD(vx11_plan_sink_t, struct_size, 0);
FIELD(vx11_plan_sink_t, program, 8);
FIELD(vx11_plan_sink_t, arg, 16);
FIELD(vx11_plan_sink_t, arg_file, 24);
FIELD(vx11_plan_sink_t, file, 32);
FIELD(vx11_plan_sink_t, env_set, 40);
FIELD(vx11_plan_sink_t, stdin_bytes, 48);
FIELD(vx11_plan_sink_t, cwd, 56);

SIZE(vx11_interpreter_v1_t, 24);
FIELD(vx11_interpreter_v1_t, struct_size, 0);
FIELD(vx11_interpreter_v1_t, describe, 8);
FIELD(vx11_interpreter_v1_t, plan, 16);

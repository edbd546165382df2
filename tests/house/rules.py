"""The house rules of ARCHITECTURE.md as tables: who may include whom, and what may be used where."""

# A room of host/src and the rooms that it may include, besides itself. The arrows go down only; rooms of one row
# never include each other.
SERVICES = {"tasks", "routing", "catalog", "policy"}
GROUND = {"plugins", "store", "spawner_client"}
ARROWS = {
    "main": {"daemon", "config", "base"},
    "daemon": {"config", "api", "http", "base", "launch"} | SERVICES | GROUND,
    "api": {"http", "base"} | SERVICES | GROUND,
    "tasks": {"base"} | GROUND,
    "routing": {"base"} | GROUND,
    "catalog": {"base"} | GROUND,
    "policy": {"base"} | GROUND,
    "plugins": {"base"},
    "store": {"base"},
    "spawner_client": {"base", "protocol", "launch"},
    "http": {"base"},
    "config": {"base"},
    "base": set(),
    "spawner": {"base", "protocol"},
    "protocol": {"base"},
    "launch": {"base"},
}

# Files of host/spawner that the host links too, by their stems: what both ends speak, and starting the program.
SHARED_BY_SPAWNER = {
    "protocol": "protocol", "fields": "protocol", "field_reader": "protocol", "field_writer": "protocol",
    "packet_io": "protocol", "protocol_versions": "protocol", "launch": "launch",
}

# What an include of the product's own code looks like, where alone it may stand, and why.
INCLUDES = [
    (r"Poco/Net/(HTTPServer|HTTPRequestHandler|TCPServer|ServerSocket)\w*\.h", ["host/src/http/"],
     "the front door is host/src/http alone"),
    (r"Poco/Data/.*|sqlite3\.h", ["host/src/store/"], "SQL stays in host/src/store"),
    (r"Poco/Util/.*", ["host/src/main.cpp", "host/src/daemon"], "only the composition root knows the application"),
    (r"Poco/(Process|Pipe|PipeStream)\.h", [], "processes are the spawner's"),
    (r"boost/dll.*|dlfcn\.h", ["host/src/plugins/"], "libraries are loaded in host/src/plugins only"),
    (r"vx11/.*", ["host/src/plugins/", "plugins/", "sdk/"], "the SDK meets the host in host/src/plugins only"),
    (r"spawn\.h|sys/wait\.h", ["host/spawner/"], "processes are the spawner's"),
]

# Functions that make, wait for or end processes: host/spawner only.
PROCESS_CALLS = (r"posix_spawnp?|v?fork|clone3?|waitpid|waitid|wait[34]|kill|killpg|tgkill|pidfd_send_signal"
                 r"|exec(?:l|le|lp|v|ve|vp|vpe|veat)|fexecve|system|popen")

# What the rules above forbid and is right all the same: path, what, why.
EXCEPTIONS = {}

# Standard headers of C that a libc brings, as the SDK may use them; <c…> forms belong to C++.
C_HEADERS = {"assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "signal.h", "stdalign.h",
             "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "time.h"}

FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "tentaculo", "madre", "hija"}
FORBIDDEN_IN_TYPES = r"\b(?:class|struct|union|enum(?:\s+class)?|namespace)\s+(\w*(?:[Tt]entaculo|[Mm]adre|[Hh]ija)\w*)"

MAX_LINES = 400

#include "api/spawn_limits.hpp"

#include <array>

namespace vx11::api {

namespace {

constexpr int64_t kMebibyte = 1024 * 1024;
constexpr int64_t kMost = INT64_C(1) << 50;  // bytes; more is a slip

struct Limit {
  const char* name;
  uint64_t PlanLimits::*member;
  int64_t min;  // below that no interpreter starts
  int64_t max;
};

constexpr std::array<Limit, 6> kLimits{{
    {"cpu_seconds", &PlanLimits::cpu_seconds, 1, 86'400 * 64},
    {"address_space_bytes", &PlanLimits::address_space_bytes, 16 * kMebibyte, kMost},
    {"file_bytes", &PlanLimits::file_bytes, 1, kMost},
    {"open_files", &PlanLimits::open_files, 16, 1'048'576},
    {"processes", &PlanLimits::processes, 1, 4'194'304},
    {"output_bytes", &PlanLimits::output_bytes, 1, kMost},
}};

}  // namespace

PlanLimits decodeLimits(json::Fields& fields) {
  PlanLimits limits;
  if (const auto given = fields.object("limits")) {
    json::Fields nested(*given, "limits.");
    for (const auto& limit : kLimits) {
      const auto value = nested.integer(limit.name, limit.min, limit.max);
      limits.*limit.member = static_cast<uint64_t>(value.value_or(0));
    }
    for (const char* name : {"memory_bytes", "cpu_percent"}) {
      nested.known(name);
      if (nested.has(name))
        nested.fail(name,
                    "needs cgroup controllers, which are not used yet; address_space_bytes and cpu_seconds "
                    "limit each process");
    }
    fields.absorb(nested, json::UnknownFields::kRefuse);
  }
  const auto reaction = fields.string("on_output_limit");
  if (reaction && *reaction != "drop" && *reaction != "kill")
    fields.fail("on_output_limit", "must be drop or kill");
  limits.kill_at_output_limit = reaction == "kill";
  return limits;
}

}  // namespace vx11::api

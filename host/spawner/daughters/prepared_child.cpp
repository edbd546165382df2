#include "spawner/daughters/prepared_child.hpp"

#include <algorithm>

namespace vx11::spawner {

namespace {

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

PreparedChild::PreparedChild(const LaunchPlan& plan, rlimit files, rlim_t processes) {
  env_.reserve(plan.env.size() + plan.secret_env.size());
  for (const auto* variables : {&plan.env, &plan.secret_env}) {
    for (const auto& [name, value] : *variables) {
      env_.push_back(name);
      env_.back().append("=").append(value);
    }
  }
  argv_ = pointersTo(plan.argv);
  envp_ = pointersTo(env_);
  addEntries(plan.files);
  spec.program = plan.program.c_str();
  spec.argv = argv_.data();
  spec.envp = envp_.data();
  spec.directory = plan.directory.c_str();
  spec.task_directory = {plan.task_directory.c_str(), entries_.data(), entries_.size()};
  spec.uid = plan.uid;
  spec.files = files;
  spec.processes = processes;
  addLimits(plan.limits);
  spec.limits = limits_.data();
  spec.limits_count = limits_.size();
}

// The names point into the files' own, or into `directories_`.
void PreparedChild::addEntries(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    for (size_t slash = file.find('/'); slash != std::string::npos; slash = file.find('/', slash + 1)) {
      directories_.push_back(file.substr(0, slash));
      entries_.push_back({directories_.back().c_str(), true});
    }
    entries_.push_back({file.c_str(), false});
  }
}

void PreparedChild::addLimits(const PlanLimits& limits) {
  if (limits.open_files != 0) {
    spec.files.rlim_max = std::min<rlim_t>(spec.files.rlim_max, limits.open_files);
    spec.files.rlim_cur = spec.files.rlim_max;
  }
  if (limits.processes != 0) spec.processes = std::min<rlim_t>(spec.processes, limits.processes);
  // SIGXCPU first, which a program can answer, and a second later SIGKILL.
  if (limits.cpu_seconds != 0) limits_.push_back({RLIMIT_CPU, {limits.cpu_seconds, limits.cpu_seconds + 1}});
  if (limits.address_space_bytes != 0)
    limits_.push_back({RLIMIT_AS, {limits.address_space_bytes, limits.address_space_bytes}});
  if (limits.file_bytes != 0) limits_.push_back({RLIMIT_FSIZE, {limits.file_bytes, limits.file_bytes}});
}

}  // namespace vx11::spawner

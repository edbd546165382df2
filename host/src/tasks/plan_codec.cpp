#include "tasks/plan_codec.hpp"

#include <cstdint>

#include "base/error.hpp"

namespace vx11::tasks {

namespace {

constexpr char kPlain = 1;
constexpr char kLimited = 2;  // with limits and names of secrets behind

bool isPlain(const Plan& plan) {
  return plan.limits == PlanLimits{} && plan.secret_names.empty();
}

class Writer {
 public:
  explicit Writer(size_t expected) { bytes_.reserve(expected); }

  void number(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>((value >> shift) & 0xff);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void byte(char value) { bytes_ += value; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  char byte() { return cut(1)[0]; }
  uint64_t number() {
    const auto bytes = cut(8);
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i)
      value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return value;
  }
  std::string text() { return std::string(cut(number())); }
  // A count can not be larger than what is left: each element takes at least a byte.
  uint64_t count() {
    const auto value = number();
    if (value > rest_.size()) fail();
    return value;
  }
  void end() const {
    if (!rest_.empty()) fail();
  }

 private:
  std::string_view cut(uint64_t length) {
    if (length > rest_.size()) fail();
    const auto piece = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return piece;
  }
  [[noreturn]] static void fail() { throw Error(ErrorCode::kStorage, "a stored plan is damaged"); }

  std::string_view rest_;
};

}  // namespace

std::string encodePlan(const Plan& plan) {
  size_t expected = 256 + plan.stdin_bytes.size();
  for (const auto& file : plan.files) expected += file.content.size() + 300;
  Writer out(expected);
  // As plain as can be, so that a host of the release before reads it too.
  out.byte(isPlain(plan) ? kPlain : kLimited);
  out.text(plan.program);
  out.number(plan.args.size());
  for (const auto& arg : plan.args) {
    out.byte(arg.in_task_directory ? 1 : 0);
    out.text(arg.text);
  }
  out.number(plan.env.size());
  for (const auto& [name, value] : plan.env) {
    out.text(name);
    out.text(value);
  }
  out.text(plan.cwd);
  out.text(plan.stdin_bytes);
  out.number(plan.files.size());
  for (const auto& file : plan.files) {
    out.text(file.name);
    out.number(file.mode);
    out.text(file.content);
  }
  if (isPlain(plan)) return out.take();
  const auto& limits = plan.limits;
  for (const uint64_t limit : {limits.cpu_seconds, limits.address_space_bytes, limits.file_bytes,
                               limits.open_files, limits.processes, limits.output_bytes})
    out.number(limit);
  out.byte(limits.kill_at_output_limit ? 1 : 0);
  out.number(plan.secret_names.size());
  for (const auto& name : plan.secret_names) out.text(name);
  return out.take();
}

Plan decodePlan(std::string_view bytes) {
  Reader in(bytes);
  const char version = in.byte();
  if (version != kPlain && version != kLimited)
    throw Error(ErrorCode::kStorage, "a stored plan has a version that this host does not know");
  Plan plan;
  plan.program = in.text();
  for (uint64_t left = in.count(); left > 0; --left) {
    const bool in_task_directory = in.byte() != 0;
    plan.args.push_back({in.text(), in_task_directory});
  }
  for (uint64_t left = in.count(); left > 0; --left) {
    auto name = in.text();
    plan.env.emplace_back(std::move(name), in.text());
  }
  plan.cwd = in.text();
  plan.stdin_bytes = in.text();
  for (uint64_t left = in.count(); left > 0; --left) {
    PlanFile file;
    file.name = in.text();
    file.mode = static_cast<uint32_t>(in.number());
    file.content = in.text();
    plan.files.push_back(std::move(file));
  }
  if (version == kLimited) {
    auto& limits = plan.limits;
    for (uint64_t* limit : {&limits.cpu_seconds, &limits.address_space_bytes, &limits.file_bytes,
                            &limits.open_files, &limits.processes, &limits.output_bytes})
      *limit = in.number();
    limits.kill_at_output_limit = in.byte() != 0;
    for (uint64_t left = in.count(); left > 0; --left) plan.secret_names.push_back(in.text());
  }
  in.end();
  return plan;
}

}  // namespace vx11::tasks

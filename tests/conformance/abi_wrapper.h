/* The C++ wrapper in the dialect of the file that includes it: everything is instantiated. */
#include "abi_layout.h"

#include <vx11/plugin.hpp>

namespace {

class Probe final : public vx11::Interpreter {
 public:
  void describe(vx11::Description& about) const override {
    about.taskType("probe").program("true").installHint("apt install coreutils");
  }
  void plan(const vx11::Request& request, vx11::Plan& plan) const override {
    if (request.taskType().empty()) throw vx11::RequestError("task_type", "say which");
    plan.program("true").arg("a").args(request.args()).argFile("f").file("f", request.code(), 0640);
    for (const auto& variable : request.env()) plan.env(variable.first, variable.second);
    plan.stdinBytes(request.stdinBytes()).cwd(request.cwd()).arg(request.optionsJson());
    vx11::log(VX11_LOG_INFO, "planned");
  }
};

}  // namespace

VX11_PLUGIN(Probe, "org.test.probe", "probe", "1.0.0");

// POSIX shell: /bin/sh on a file.
#include <vx11/plugin.hpp>

namespace {

class Shell final : public vx11::Interpreter {
 public:
  void describe(vx11::Description& about) const override {
    // An absolute path: every system has it there, and no PATH can put another one in front.
    about.taskType("shell").program("/bin/sh").installHint("apt install dash");
  }

  void plan(const vx11::Request& request, vx11::Plan& plan) const override {
    plan.file("main.sh", request.code()).argFile("main.sh").args(request.args());
  }
};

}  // namespace

VX11_PLUGIN(Shell, "org.vx11.shell", "shell", "0.1.0");

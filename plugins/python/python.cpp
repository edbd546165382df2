// Python 3 on a file.
#include <vx11/plugin.hpp>

namespace {

class Python final : public vx11::Interpreter {
 public:
  void describe(vx11::Description& about) const override {
    about.taskType("python").program("python3").installHint("apt install python3");
  }

  void plan(const vx11::Request& request, vx11::Plan& plan) const override {
    // -u: what was printed must not be lost in a buffer when the task is killed at its deadline.
    plan.file("main.py", request.code()).arg("-u").argFile("main.py").args(request.args());
  }
};

}  // namespace

VX11_PLUGIN(Python, "org.vx11.python", "python", "0.1.0");

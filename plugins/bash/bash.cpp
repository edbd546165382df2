// GNU bash on a file.
#include <vx11/plugin.hpp>

namespace {

class Bash final : public vx11::Interpreter {
 public:
  void describe(vx11::Description& about) const override {
    about.taskType("bash").program("bash").installHint("apt install bash");
  }

  void plan(const vx11::Request& request, vx11::Plan& plan) const override {
    plan.file("main.sh", request.code()).argFile("main.sh").args(request.args());
  }
};

}  // namespace

VX11_PLUGIN(Bash, "org.vx11.bash", "bash", "0.1.0");

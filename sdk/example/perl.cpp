// Perl on a file: a whole plugin. See README.md for how to build, load and try it.
#include <vx11/plugin.hpp>

namespace {

class Perl final : public vx11::Interpreter {
 public:
  // Which task_type it serves, what it starts, and what to type where that is missing.
  void describe(vx11::Description& about) const override {
    about.taskType("perl").program("perl").installHint("apt install perl-base");
  }

  // From a request to what is to be started. Code goes into a file of the task directory, never into an
  // argument; the request's stdin, env and cwd are passed on by the host unless the plan says otherwise.
  void plan(const vx11::Request& request, vx11::Plan& plan) const override {
    plan.file("main.pl", request.code()).argFile("main.pl").args(request.args());
  }
};

}  // namespace

VX11_PLUGIN(Perl, "org.example.perl", "perl", "1.0.0");

#include "run.hpp"

int main(int argc, char** argv) {
  return vx11::run(argc, argv);
}

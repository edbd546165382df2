#include "figures.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace vx11::bench {

double quantile(std::vector<double> samples, double share) {
  const auto index = static_cast<size_t>(static_cast<double>(samples.size() - 1) * share);
  std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(index), samples.end());
  return samples[index];
}

void printRow(const std::string& name, const std::string& value, const std::string& goal) {
  printf("| %-62s | %14s | %-22s |\n", name.c_str(), value.c_str(), goal.c_str());
  fflush(stdout);
}

std::string format(double value, const char* unit, int decimals) {
  char text[64];
  snprintf(text, sizeof text, "%.*f%s%s", decimals, value, *unit != '\0' ? " " : "", unit);
  return text;
}

double residentMegabytes(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    double kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes * 1024 / 1e6;
  }
  return 0;
}

}  // namespace vx11::bench

// Medians, rates and a line of the table.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace vx11::bench {

using Clock = std::chrono::steady_clock;

inline double millisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The value below which `share` (0 to 1) of the samples lie. Samples must not be empty.
double quantile(std::vector<double> samples, double share);
inline double median(const std::vector<double>& samples) {
  return quantile(samples, 0.5);
}

// "name   value   goal" in columns.
void printRow(const std::string& name, const std::string& value, const std::string& goal = {});
std::string format(double value, const char* unit, int decimals = 2);

// VmRSS of a process in MB (10^6 bytes); 0 where it is gone.
double residentMegabytes(int pid);

}  // namespace vx11::bench

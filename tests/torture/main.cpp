// Kills vx11d and vx11-spawner again and again under load, and checks each time that nothing is lost, stuck
// or left.
//   vx11_torture --rounds N --seed S [--point NAME] [--tasks N]
// Without --point every other round is one at random, and those between go through all fault points in turn.
#include <signal.h>
#include <stdio.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "torture.hpp"

namespace vx11::torture {

namespace {

struct Options {
  uint64_t rounds = 20;
  uint64_t seed = 1;
  std::optional<size_t> point;
  Shape shape;
};

constexpr const char* kUsage = "usage: vx11_torture [--rounds N] [--seed S] [--point NAME] [--tasks N]\n";

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// nullopt after it has said what is wrong.
std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    const auto count = number(value);
    if (name == "--point") {
      const auto found = std::find(fault::kPoints.begin(), fault::kPoints.end(), value);
      if (found == fault::kPoints.end()) {
        fprintf(stderr, "vx11_torture: there is no fault point \"%s\"; there are:\n", argv[i + 1]);
        for (const auto point : fault::kPoints) fprintf(stderr, "  %s\n", std::string(point).c_str());
        return std::nullopt;
      }
      options.point = static_cast<size_t>(found - fault::kPoints.begin());
    } else if (name == "--rounds" && count && *count > 0) {
      options.rounds = *count;
    } else if (name == "--seed" && count) {
      options.seed = *count;
    } else if (name == "--tasks" && count && *count >= 4) {
      options.shape.tasks = *count;
    } else {
      fprintf(stderr, "vx11_torture: \"%s %s\" is not understood\n%s", argv[i],
              i + 1 < argc ? argv[i + 1] : "", kUsage);
      return std::nullopt;
    }
  }
  return options;
}

std::optional<size_t> pointOf(const Options& options, uint64_t round) {
  if (options.point) return options.point;
  if (round % 2 == 1) return std::nullopt;
  return (round / 2 - 1) % fault::kPoints.size();
}

void printTotals(Torture& torture, uint64_t seed, uint64_t rounds, uint64_t tasks, double seconds) {
  printf("\nseed %llu: %llu rounds passed with %llu submissions in %.0f s\n",
         static_cast<unsigned long long>(seed), static_cast<unsigned long long>(rounds),
         static_cast<unsigned long long>(tasks), seconds);
  std::string points;
  unsigned dead = 0;
  for (const auto& [who, times] : torture.scene().deaths()) {
    const std::string part = who + " " + std::to_string(times);
    dead += times;
    points += (points.empty() ? "" : ", ") + part;
  }
  printf("deaths: %u (%s)\n", dead, points.c_str());
  printf("status distribution:\n%s", torture.statusDistribution().c_str());
}

int run(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  const auto seconds = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  Torture torture(options.seed, options.shape, "1900003000-1900003999");
  uint64_t tasks = 0;
  for (uint64_t round = 1; round <= options.rounds; ++round) {
    const auto since = Clock::now();
    const auto point = pointOf(options, round);
    const auto plan = describe(point ? torture.planAt(*point, round) : torture.planAtRandom(round));
    std::vector<std::string> faults;
    try {
      faults = point ? torture.at(*point, round) : torture.atRandom(round);
    } catch (const Interrupted&) {
      // Here, so that host and spawner are ended in peace behind it.
      fprintf(stderr, "vx11_torture: interrupted in round %llu\n", static_cast<unsigned long long>(round));
      return 130;
    }
    if (!faults.empty()) {
      const auto kept = torture.scene().daemon().directory().string();
      fputs(report(options.seed, round, plan, faults, kept).c_str(), stdout);
      return 1;
    }
    tasks += torture.lastTasks();
    printf("round %llu: %zu submissions, %.1f s\n%s", static_cast<unsigned long long>(round),
           torture.lastTasks(), seconds(since), plan.c_str());
    fflush(stdout);
  }
  printTotals(torture, options.seed, options.rounds, tasks, seconds(begun));
  return 0;
}

}  // namespace

}  // namespace vx11::torture

int main(int argc, char** argv) {
  using namespace vx11::torture;
  const auto options = parse(argc, argv);
  if (!options) return 2;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt(); };
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    return run(*options);
  } catch (const std::exception& error) {
    fprintf(stderr, "vx11_torture: %s\n", error.what());
    return 1;
  }
}

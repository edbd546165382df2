// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vx11::api {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

class Exposition {
 public:
  // Begins a metric; what follows are its samples. `type`: counter, gauge or histogram.
  void metric(std::string_view name, std::string_view type, std::string_view help);
  // `suffix` of a histogram's samples: _bucket, _sum, _count.
  void sample(double value, const Labels& labels = {}, std::string_view suffix = {});
  // A metric of one sample.
  void single(std::string_view name, std::string_view type, std::string_view help, double value);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace vx11::api

// The figures that the server shows to Prometheus: families of samples, each
// read at the moment of a scrape from whoever keeps it.
#ifndef BOOTSEAL_SERVER_METRICS_REGISTRY_H_
#define BOOTSEAL_SERVER_METRICS_REGISTRY_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/figures.h"

namespace bootseal::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// One number, or one histogram, of a family.
struct Sample {
  Labels labels;
  double value = 0;
  const base::Histogram* histogram = nullptr;
};

enum class Kind { kCounter, kGauge, kHistogram };

// Name and help as Prometheus shows them; base units, counters end in _total.
struct Family {
  std::string name;
  std::string help;
  Kind kind;
  // Called at every scrape, on any thread: it must not wait for anything.
  std::function<std::vector<Sample>()> samples;
};

// A family of one number without labels.
Family Gauge(std::string name, std::string help, std::function<double()> value);

// Filled before it serves; thread-safe from then on. What the families read
// must outlive it.
class Registry {
 public:
  void Add(Family family) { families_.push_back(std::move(family)); }

  // All of it in Prometheus's text format, version 0.0.4.
  std::string Text() const;

 private:
  std::vector<Family> families_;
};

// Content type of Registry::Text.
inline constexpr char kTextFormat[] =
    "text/plain; version=0.0.4; charset=utf-8";

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_REGISTRY_H_

#include "server/metrics/registry.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstddef>
#include <limits>

namespace bootseal::metrics {
namespace {

prometheus::MetricType TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram Cumulated(const base::Histogram& from) {
  const base::Histogram::Reading reading = from.Read();
  prometheus::ClientMetric::Histogram to;
  to.sample_sum = reading.sum;
  for (std::size_t i = 0; i < reading.counts.size(); ++i) {
    to.sample_count += reading.counts[i];
    const double bound = i < from.bounds().size()
                             ? from.bounds()[i]
                             : std::numeric_limits<double>::infinity();
    to.bucket.push_back({to.sample_count, bound});
  }
  return to;
}

prometheus::ClientMetric MetricOf(Kind kind, const Sample& sample) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) {
    metric.label.push_back({name, value});
  }
  switch (kind) {
    case Kind::kCounter:
      metric.counter.value = sample.value;
      break;
    case Kind::kGauge:
      metric.gauge.value = sample.value;
      break;
    case Kind::kHistogram:
      metric.histogram = Cumulated(*sample.histogram);
      break;
  }
  return metric;
}

}  // namespace

Family Gauge(std::string name, std::string help,
             std::function<double()> value) {
  return {std::move(name), std::move(help), Kind::kGauge,
          [value = std::move(value)] {
            return std::vector<Sample>{{{}, value()}};
          }};
}

std::string Registry::Text() const {
  std::vector<prometheus::MetricFamily> made;
  for (const Family& family : families_) {
    prometheus::MetricFamily next;
    next.name = family.name;
    next.help = family.help;
    next.type = TypeOf(family.kind);
    for (const Sample& sample : family.samples()) {
      next.metric.push_back(MetricOf(family.kind, sample));
    }
    if (!next.metric.empty()) made.push_back(std::move(next));
  }
  return prometheus::TextSerializer().Serialize(made);
}

}  // namespace bootseal::metrics

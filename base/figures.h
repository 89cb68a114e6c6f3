// Figures that a part of the process keeps of itself, for whoever watches it:
// what was counted and how long it took. Writing one is an atomic addition or
// two, so that the work that is measured does not notice.
#ifndef BOOTSEAL_BASE_FIGURES_H_
#define BOOTSEAL_BASE_FIGURES_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bootseal::base {

// Only grows. Thread-safe.
class Counter {
 public:
  void Add(std::uint64_t count = 1) {
    value_.fetch_add(count, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// How many values there were up to each bound. Thread-safe.
class Histogram {
 public:
  static constexpr std::size_t kMaxBounds = 20;

  // Inclusive upper bounds, ascending, at most kMaxBounds; must outlive it.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}

  void Observe(double value) {
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
    counts_[bucket].Add();
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  struct Reading {
    // Of each bucket alone; the last has what is above all bounds.
    std::vector<std::uint64_t> counts;
    double sum = 0;
  };
  Reading Read() const {
    Reading reading;
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
      reading.counts.push_back(counts_[i].value());
    }
    reading.sum = sum_.load(std::memory_order_relaxed);
    return reading;
  }
  std::span<const double> bounds() const { return bounds_; }

 private:
  const std::span<const double> bounds_;
  std::array<Counter, kMaxBounds + 1> counts_;
  std::atomic<double> sum_ = 0;
};

// Observes the seconds of its scope.
class Timed {
 public:
  explicit Timed(Histogram& seconds) : seconds_(seconds) {}
  ~Timed() {
    const std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - start_;
    seconds_.Observe(passed.count());
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Histogram& seconds_;
  const std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_FIGURES_H_

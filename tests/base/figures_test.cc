#include "base/figures.h"

#include <gmock/gmock.h>

#include <array>
#include <thread>
#include <vector>

namespace bootseal::base {
namespace {

using testing::ElementsAre;

constexpr std::array<double, 3> kBounds{1, 2, 5};

TEST(Counter, CountsFromManyThreads) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counter] {
      for (int j = 0; j < 10'000; ++j) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000U);
}

TEST(Histogram, TakesABoundAsInclusive) {
  Histogram histogram(kBounds);
  for (const double value : {0.0, 1.0, 1.5, 2.0, 5.0, 5.1, 1e9}) {
    histogram.Observe(value);
  }
  EXPECT_THAT(histogram.Read().counts, ElementsAre(2, 2, 1, 2));
}

TEST(Histogram, AddsUp) {
  Histogram histogram(kBounds);
  EXPECT_THAT(histogram.Read().counts, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(histogram.Read().sum, 0);
  histogram.Observe(0.5);
  histogram.Observe(10);
  EXPECT_EQ(histogram.Read().sum, 10.5);
}

TEST(Histogram, LosesNothingToOtherThreads) {
  Histogram histogram(kBounds);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&histogram] {
      for (int j = 0; j < 10'000; ++j) histogram.Observe(1.5);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(histogram.Read().counts, ElementsAre(0, 40'000, 0, 0));
  EXPECT_EQ(histogram.Read().sum, 60'000);
}

TEST(Timed, ObservesItsScopeOnce) {
  Histogram histogram(kBounds);
  { const Timed timed(histogram); }
  EXPECT_THAT(histogram.Read().counts, ElementsAre(1, 0, 0, 0));
  EXPECT_GT(histogram.Read().sum, 0);
}

}  // namespace
}  // namespace bootseal::base

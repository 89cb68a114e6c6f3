#include "server/memory_budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace bootseal::server {
namespace {

using tests::StatusIs;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

TEST(MemoryBudget, GivesBackWhatIsReserved) {
  MemoryBudget budget(100);
  {
    const auto a = budget.Reserve("a", 30);
    const auto b = budget.Reserve("b", 70);
    ASSERT_OK(a);
    ASSERT_OK(b);
    EXPECT_EQ(budget.reserved(), 100u);
  }
  EXPECT_EQ(budget.reserved(), 0u);
  EXPECT_OK(budget.Reserve("a", 100));
}

TEST(MemoryBudget, GivesBackOnceWhatIsMoved) {
  MemoryBudget budget(100);
  auto first = budget.Reserve("a", 60);
  ASSERT_OK(first);
  {
    const MemoryBudget::Reservation second = *std::move(first);
    EXPECT_EQ(budget.reserved(), 60u);
  }
  EXPECT_EQ(budget.reserved(), 0u);
}

TEST(MemoryBudget, RefusesMoreThanThereEverIs) {
  MemoryBudget budget(100);
  EXPECT_THAT(budget.Reserve("a", 101),
              StatusIs(kExhausted, "BUFFER_TOO_LARGE"));
  EXPECT_THAT(budget.Reserve("a", ~std::uint64_t{0}),
              StatusIs(kExhausted, "BUFFER_TOO_LARGE"));
  EXPECT_EQ(budget.reserved(), 0u);
}

TEST(MemoryBudget, RefusesWhatOthersHave) {
  MemoryBudget budget(100);
  const auto held = budget.Reserve("a", 60);
  ASSERT_OK(held);
  EXPECT_THAT(budget.Reserve("b", 41), StatusIs(kExhausted, "MEMORY_BUSY"));
  EXPECT_OK(budget.Reserve("b", 40));
}

TEST(MemoryBudget, LeavesOneIdentityHalfOfIt) {
  MemoryBudget budget(100);
  const auto held = budget.Reserve("a", 30);
  ASSERT_OK(held);
  EXPECT_THAT(budget.Reserve("a", 21), StatusIs(kExhausted, "IDENTITY_BUSY"));
  EXPECT_OK(budget.Reserve("a", 20));
  EXPECT_OK(budget.Reserve("b", 60));
}

TEST(MemoryBudget, IsWholeAfterManyThreads) {
  MemoryBudget budget(100);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&budget, i] {
      for (int j = 0; j < 2000; ++j) {
        const auto held =
            budget.Reserve(std::string(i % 2 == 0 ? "a" : "b"), 30);
        EXPECT_LE(budget.reserved(), 100u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.reserved(), 0u);
}

}  // namespace
}  // namespace bootseal::server

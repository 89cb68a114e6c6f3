// Sessions and signers under many threads; run by the tsan preset too.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/session_pool.h"
#include "hsm/pkcs11/token.h"
#include "hsm/precedence.h"
#include "hsm/signer.h"
#include "tests/hsm/permit_mint.h"
#include "tests/support/faulty_pkcs11.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using pkcs11::SessionPool;
using server::PermitMint;
using tests::Call;
using tests::FaultyPkcs11;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

void RunThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

class PoolTest : public testing::Test {
 protected:
  void SetUp() override {
    auto module = pkcs11::Module::Load(SoftHsmToken::module_path());
    ASSERT_OK(module);
    module_ = *std::move(module);
  }

  std::unique_ptr<SessionPool> Pool(SessionPool::Limits limits) {
    auto pool = std::make_unique<SessionPool>(module_->functions(), limits);
    auto all = pool->AcquireAll();
    EXPECT_OK(all);
    pool->Restart(*all, module_->Slots()->at(0).id);
    return pool;
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  std::unique_ptr<pkcs11::Module> module_;
};

TEST_F(PoolTest, LendsASessionAgain) {
  const auto pool = Pool({});
  CK_SESSION_HANDLE first = CK_INVALID_HANDLE;
  {
    const auto lease = pool->Acquire();
    ASSERT_OK(lease);
    first = lease->session().handle;
  }
  const auto lease = pool->Acquire();
  ASSERT_OK(lease);
  EXPECT_EQ(lease->session().handle, first);
}

TEST_F(PoolTest, ClosesAPoisonedSession) {
  const auto pool = Pool({});
  CK_SESSION_HANDLE poisoned = CK_INVALID_HANDLE;
  {
    auto lease = pool->Acquire();
    ASSERT_OK(lease);
    poisoned = lease->session().handle;
    lease->Poison();
  }
  CK_SESSION_INFO info{};
  EXPECT_EQ(module_->functions().C_GetSessionInfo(poisoned, &info),
            CKR_SESSION_HANDLE_INVALID);
}

TEST_F(PoolTest, RefusesWhenNoneIsFreeInTime) {
  const auto pool = Pool({1, std::chrono::milliseconds(20)});
  const auto lease = pool->Acquire();
  ASSERT_OK(lease);
  EXPECT_THAT(pool->Acquire(), StatusIs(kUnavailable, "TOKEN_BUSY"));
  EXPECT_THAT(pool->AcquireAll(), StatusIs(kUnavailable, "TOKEN_BUSY"));
}

TEST_F(PoolTest, GoesOnAfterAWaiterGaveUp) {
  const auto pool = Pool({1, std::chrono::milliseconds(20)});
  {
    const auto lease = pool->Acquire();
    ASSERT_OK(lease);
    EXPECT_THAT(pool->AcquireAll(), StatusIs(kUnavailable, "TOKEN_BUSY"));
  }
  EXPECT_OK(pool->Acquire());
  EXPECT_OK(pool->AcquireAll());
}

// Whoever asks while the only session is out, in the order in which they ask;
// the order in which they are served.
std::string Served(SessionPool& pool, const std::string& asked) {
  std::string served;
  std::vector<std::thread> threads;
  {
    const auto lease = pool.Acquire();
    EXPECT_OK(lease);
    for (const char who : asked) {
      const std::size_t before = pool.waiting();
      threads.emplace_back([&pool, &served, who] {
        std::optional<Precedence> precedence;
        if (who == 'R') precedence.emplace();
        // By whoever has the only session, or all.
        if (who == 'A') {
          const auto all = pool.AcquireAll();
          EXPECT_OK(all);
          served += who;
        } else {
          const auto one = pool.Acquire();
          EXPECT_OK(one);
          served += who;
        }
      });
      while (pool.waiting() == before) std::this_thread::yield();
    }
  }
  for (std::thread& thread : threads) thread.join();
  return served;
}

TEST_F(PoolTest, ServesThoseWithPrecedenceFirst) {
  const auto pool = Pool({1, std::chrono::seconds(30)});
  for (const auto& [asked, served] :
       {std::pair{"bbbb", "bbbb"}, std::pair{"bbR", "Rbb"},
        std::pair{"bRbRb", "RRbbb"}, std::pair{"RbR", "RRb"},
        std::pair{"RRR", "RRR"}}) {
    EXPECT_EQ(Served(*pool, asked), served) << asked;
  }
}

TEST_F(PoolTest, LetsNobodyOvertakeOneWhoWantsAll) {
  const auto pool = Pool({1, std::chrono::seconds(30)});
  EXPECT_EQ(Served(*pool, "bAbR"), "bARb");
  EXPECT_EQ(Served(*pool, "RAR"), "RAR");
}

TEST(Precedence, IsOfOneThreadAndEndsWithItsObject) {
  EXPECT_FALSE(Precedence::Held());
  {
    const Precedence outer;
    { const Precedence inner; }
    EXPECT_TRUE(Precedence::Held());
    std::thread([] { EXPECT_FALSE(Precedence::Held()); }).join();
  }
  EXPECT_FALSE(Precedence::Held());
}

TEST_F(PoolTest, LendsNothingWithoutALogin) {
  SessionPool pool(module_->functions(), {});
  EXPECT_THAT(pool.Acquire(), StatusIs(kUnavailable, "TOKEN_LOST"));
}

TEST_F(PoolTest, NeverLendsMoreThanItsLimit) {
  const auto pool = Pool({3, std::chrono::seconds(30)});
  std::atomic<int> lent{0};
  std::atomic<int> most{0};
  RunThreads(8, [&](int) {
    for (int i = 0; i < 200; ++i) {
      const auto lease = pool->Acquire();
      ASSERT_OK(lease);
      const int now = ++lent;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      --lent;
    }
  });
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 1);
}

TEST_F(PoolTest, KeepsTheOthersOutWhileOneHasAll) {
  const auto pool = Pool({4, std::chrono::seconds(30)});
  std::atomic<int> lent{0};
  std::atomic<int> violations{0};
  std::atomic<int> exclusives{0};
  RunThreads(6, [&](int number) {
    for (int i = 0; i < 100; ++i) {
      if (number == 0) {
        const auto all = pool->AcquireAll();
        ASSERT_OK(all);
        ++exclusives;
        if (lent != 0) ++violations;
        std::this_thread::yield();
        if (lent != 0) ++violations;
      } else {
        const auto lease = pool->Acquire();
        ASSERT_OK(lease);
        ++lent;
        std::this_thread::yield();
        --lent;
      }
    }
  });
  EXPECT_EQ(violations, 0);
  EXPECT_EQ(exclusives, 100);
}

class ConcurrencyTest : public testing::Test {
 protected:
  void SetUp() override {
    softhsm_.GenerateKey("app", Algorithm::kP256);
    softhsm_.GenerateKey("log", Algorithm::kEd25519);
    auto module = pkcs11::Module::FromFunctions(faulty_.functions());
    ASSERT_OK(module);
    auto token = Token::Open(*std::move(module), softhsm_.Options());
    ASSERT_OK(token);
    token_ = *token;
    auto signer = Signer::Open(token_, {Spec("app", Algorithm::kP256),
                                        Spec("log", Algorithm::kEd25519)});
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
  }

  KeySpec Spec(const std::string& label, Algorithm algorithm) const {
    KeySpec spec;
    spec.name = label;
    spec.uri = softhsm_.KeyUri(label);
    spec.algorithm = algorithm;
    return spec;
  }

  void SignManyTimes(int number, int times) {
    for (int i = 0; i < times; ++i) {
      const std::string key = number % 2 == 0 ? "app" : "log";
      const std::string digest(32, static_cast<char>(i));
      const auto signature = signer_->Sign(PermitMint::Mint(key, digest));
      ASSERT_OK(signature);
      ASSERT_EQ(signature->digest, digest);
    }
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  FaultyPkcs11 faulty_{SoftHsmToken::module_path()};
  std::shared_ptr<Token> token_;
  std::unique_ptr<Signer> signer_;
};

TEST_F(ConcurrencyTest, SignsWithTwoKeysFromManyThreads) {
  RunThreads(8, [this](int number) { SignManyTimes(number, 50); });
}

TEST_F(ConcurrencyTest, RecoversOnceForAllThreads) {
  const int starts = faulty_.Count(Call::kInitialize);
  faulty_.FailNth(Call::kSign, 40, CKR_DEVICE_ERROR);
  RunThreads(8, [this](int number) { SignManyTimes(number, 20); });
  EXPECT_EQ(faulty_.Count(Call::kInitialize), starts + 1);
}

TEST_F(ConcurrencyTest, GeneratesKeysOneAtATimeWhileOthersSign) {
  RunThreads(6, [this](int number) {
    if (number < 3) {
      SignManyTimes(number, 30);
      return;
    }
    const std::string label = "new-" + std::to_string(number);
    const pkcs11::NewKey key{label, label, Algorithm::kP256};
    EXPECT_OK(token_->Change([&key](const pkcs11::Session& session) {
      return pkcs11::GenerateKey(session, key);
    }));
  });
  const auto keys = ListKeys(*token_);
  ASSERT_OK(keys);
  EXPECT_EQ(keys->size(), 5U);
}

}  // namespace
}  // namespace bootseal::hsm

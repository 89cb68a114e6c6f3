// What a token's figures say after what really happened.
#include "hsm/usage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/token.h"
#include "hsm/signer.h"
#include "tests/hsm/permit_mint.h"
#include "tests/support/faulty_pkcs11.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using server::PermitMint;
using tests::Call;
using tests::FaultyPkcs11;
using tests::SoftHsmToken;
using tests::TemporaryFolder;

class UsageTest : public testing::Test {
 protected:
  void SetUp() override {
    softhsm_.GenerateKey("app", Algorithm::kP256);
    auto module = pkcs11::Module::FromFunctions(faulty_.functions());
    ASSERT_OK(module);
    auto token = Token::Open(*std::move(module), softhsm_.Options());
    ASSERT_OK(token);
    token_ = *std::move(token);
    KeySpec spec;
    spec.name = "app";
    spec.uri = softhsm_.KeyUri("app");
    auto signer = Signer::Open(token_, {spec});
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
  }

  absl::Status Sign() {
    return signer_->Sign(PermitMint::Mint("app", std::string(32, 'd')))
        .status();
  }
  const Usage::OfKeys& Keys() {
    return token_->usage().Of(Purpose::kFirmware, Algorithm::kP256);
  }
  std::uint64_t Signatures() {
    const auto counts = Keys().sign_seconds.Read().counts;
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }
  std::uint64_t Failures(Usage::Failure failure) {
    return Keys().failures[static_cast<std::size_t>(failure)].value();
  }
  std::uint64_t AllFailures() {
    std::uint64_t all = 0;
    for (const base::Counter& each : Keys().failures) all += each.value();
    return all;
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  FaultyPkcs11 faulty_{SoftHsmToken::module_path()};
  std::shared_ptr<Token> token_;
  std::unique_ptr<Signer> signer_;
};

TEST_F(UsageTest, CountsEachSignatureUnderItsKey) {
  EXPECT_TRUE(Keys().opened);
  EXPECT_FALSE(token_->usage().Of(Purpose::kFirmware, Algorithm::kP384).opened);
  EXPECT_FALSE(token_->usage().Of(Purpose::kCanary, Algorithm::kP256).opened);
  for (int i = 0; i < 3; ++i) ASSERT_OK(Sign());
  EXPECT_EQ(Signatures(), 3U);
  EXPECT_EQ(AllFailures(), 0U);
}

TEST_F(UsageTest, CountsASignatureThatDoesNotVerify) {
  faulty_.TamperWithSignatures(
      [](CK_BYTE* bytes, CK_ULONG*) { bytes[40] ^= 1; });
  EXPECT_FALSE(Sign().ok());
  EXPECT_EQ(Failures(Usage::Failure::kWrongSignature), 1U);
  EXPECT_EQ(AllFailures(), 1U);
}

// The signature is good: it is not the token's failure.
TEST_F(UsageTest, DoesNotCountWhatItsCallerRefused) {
  EXPECT_FALSE(signer_
                   ->Sign(PermitMint::Mint("app", std::string(32, 'd')),
                          [](absl::string_view) {
                            return absl::InternalError("not bootable");
                          })
                   .ok());
  EXPECT_EQ(AllFailures(), 0U);
  EXPECT_EQ(Signatures(), 1U);
}

TEST_F(UsageTest, CountsARecoveryAndNoFailureWhenItHelped) {
  ASSERT_OK(Sign());
  faulty_.FailNth(Call::kSignInit, 1, CKR_DEVICE_REMOVED);
  EXPECT_OK(Sign());
  EXPECT_EQ(token_->usage().recoveries.value(), 1U);
  EXPECT_EQ(token_->usage().failed_recoveries.value(), 0U);
  EXPECT_EQ(AllFailures(), 0U);
}

TEST_F(UsageTest, CountsATokenThatStaysLost) {
  faulty_.FailAlways(Call::kSignInit, CKR_DEVICE_REMOVED);
  faulty_.FailAlways(Call::kInitialize, CKR_DEVICE_ERROR);
  EXPECT_FALSE(Sign().ok());
  EXPECT_EQ(token_->usage().failed_recoveries.value(), 1U);
  EXPECT_EQ(AllFailures(), 1U);
}

TEST_F(UsageTest, ShowsNoSessionInUseWhenNobodySigns) {
  ASSERT_OK(Sign());
  EXPECT_EQ(token_->sessions_in_use(), 0U);
  EXPECT_EQ(token_->max_sessions(), 8U);
}

TEST_F(UsageTest, ShowsWhoWaitsForASessionAndForHowLong) {
  const auto waits = [this] {
    const auto counts = token_->usage().wait_seconds.Read().counts;
    // Half a millisecond is none.
    return std::accumulate(counts.begin() + 1, counts.end(), std::uint64_t{0});
  };
  const std::uint64_t before = waits();
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  std::vector<std::future<absl::Status>> users;
  for (std::uint32_t i = 0; i < token_->max_sessions() + 2; ++i) {
    users.push_back(std::async(std::launch::async, [&] {
      return token_->Run([&](const pkcs11::Session&) {
        ended.wait();
        return absl::OkStatus();
      });
    }));
  }
  while (token_->sessions_waited_for() < 2) std::this_thread::yield();
  EXPECT_EQ(token_->sessions_in_use(), token_->max_sessions());
  const auto then = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - then < std::chrono::milliseconds(2))
    std::this_thread::yield();
  end.set_value();
  for (auto& each : users) EXPECT_OK(each.get());
  EXPECT_EQ(token_->sessions_waited_for(), 0U);
  EXPECT_GE(waits(), before + 2);
  EXPECT_LT(token_->usage().wait_seconds.Read().counts.back(), 1U);
}

}  // namespace
}  // namespace bootseal::hsm

// What the signer does when the token fails or lies.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/keys.h"
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
using tests::MessageHas;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kInternal = absl::StatusCode::kInternal;

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { softhsm_.GenerateKey("app", Algorithm::kP256); }

  absl::StatusOr<std::shared_ptr<Token>> Open(TokenOptions options) {
    ASSIGN_OR_RETURN(auto module,
                     pkcs11::Module::FromFunctions(faulty_.functions()));
    return Token::Open(std::move(module), std::move(options));
  }

  void OpenSigner() {
    auto token = Open(softhsm_.Options());
    ASSERT_OK(token);
    token_ = *token;
    KeySpec spec;
    spec.name = "app";
    spec.uri = softhsm_.KeyUri("app");
    auto signer = Signer::Open(token_, {spec});
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
    ASSERT_OK(signer_->keys().at(0).status);
    first_epoch_ = token_->epoch();
  }

  absl::StatusOr<Signature> Sign() {
    return signer_->Sign(PermitMint::Mint("app", std::string(32, 'd')));
  }

  // Recovery is paced; a caller tries again.
  absl::StatusOr<Signature> SignUntilOk() {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto signature = Sign();
    while (!signature.ok() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
      signature = Sign();
    }
    return signature;
  }

  std::uint64_t Recoveries() const { return token_->epoch() - first_epoch_; }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  FaultyPkcs11 faulty_{SoftHsmToken::module_path()};
  std::shared_ptr<Token> token_;
  std::unique_ptr<Signer> signer_;
  std::uint64_t first_epoch_ = 0;
};

struct Fault {
  const char* name;
  Call call;
  CK_RV result;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

std::string FaultName(const testing::TestParamInfo<Fault>& info) {
  return info.param.name;
}

class SurvivesOnANewSession : public RecoveryTest,
                              public testing::WithParamInterface<Fault> {};

TEST_P(SurvivesOnANewSession, WithoutReinitialising) {
  OpenSigner();
  ASSERT_OK(Sign());
  const int sessions = faulty_.Count(Call::kOpenSession);
  faulty_.FailNth(GetParam().call, 1, GetParam().result);
  EXPECT_OK(Sign());
  EXPECT_EQ(Recoveries(), 0U);
  // The session that saw the error is not used again.
  EXPECT_EQ(faulty_.Count(Call::kOpenSession), sessions + 1);
  EXPECT_OK(Sign());
  EXPECT_EQ(faulty_.Count(Call::kOpenSession), sessions + 1);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, SurvivesOnANewSession,
    testing::Values(Fault{"SessionHandleInvalid", Call::kSignInit,
                          CKR_SESSION_HANDLE_INVALID},
                    Fault{"SessionClosed", Call::kSign, CKR_SESSION_CLOSED},
                    Fault{"OperationActive", Call::kSignInit,
                          CKR_OPERATION_ACTIVE},
                    Fault{"OperationNotInitialized", Call::kSign,
                          CKR_OPERATION_NOT_INITIALIZED},
                    Fault{"GeneralErrorOnce", Call::kSign, CKR_GENERAL_ERROR},
                    Fault{"FunctionFailed", Call::kSign, CKR_FUNCTION_FAILED}),
    FaultName);

// As a token does that drops idle sessions: all that are pooled are dead.
TEST_F(RecoveryTest, SurvivesWhenTheTokenDroppedAllIdleSessions) {
  OpenSigner();
  std::vector<CK_SESSION_HANDLE> pooled;
  ASSERT_OK(token_->Run([&](const pkcs11::Session& one) {
    pooled.push_back(one.handle);
    return token_->Run([&](const pkcs11::Session& two) {
      pooled.push_back(two.handle);
      return token_->Run([&](const pkcs11::Session& three) {
        pooled.push_back(three.handle);
        return absl::OkStatus();
      });
    });
  }));
  for (const CK_SESSION_HANDLE session : pooled) {
    ASSERT_EQ(faulty_.functions().C_CloseSession(session), CKR_OK);
  }
  EXPECT_OK(Sign());
  EXPECT_EQ(Recoveries(), 0U);
}

class SurvivesByReinitialising : public RecoveryTest,
                                 public testing::WithParamInterface<Fault> {};

TEST_P(SurvivesByReinitialising, Once) {
  OpenSigner();
  const int starts = faulty_.Count(Call::kInitialize);
  faulty_.FailNth(GetParam().call, 1, GetParam().result);
  EXPECT_OK(Sign());
  EXPECT_EQ(faulty_.Count(Call::kInitialize), starts + 1);
  EXPECT_GT(Recoveries(), 0U);
  EXPECT_OK(Sign());
  EXPECT_EQ(faulty_.Count(Call::kInitialize), starts + 1);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, SurvivesByReinitialising,
    testing::Values(
        Fault{"DeviceErrorInSign", Call::kSign, CKR_DEVICE_ERROR},
        Fault{"DeviceRemoved", Call::kSign, CKR_DEVICE_REMOVED},
        Fault{"TokenNotPresent", Call::kSignInit, CKR_TOKEN_NOT_PRESENT},
        Fault{"UserNotLoggedIn", Call::kSignInit, CKR_USER_NOT_LOGGED_IN},
        Fault{"ObjectHandleInvalid", Call::kSignInit,
              CKR_OBJECT_HANDLE_INVALID},
        Fault{"NotInitialized", Call::kSignInit, CKR_CRYPTOKI_NOT_INITIALIZED}),
    FaultName);

TEST_F(RecoveryTest, TakesAGeneralErrorTwiceForALostToken) {
  OpenSigner();
  const int starts = faulty_.Count(Call::kInitialize);
  faulty_.FailNth(Call::kSign, 1, CKR_GENERAL_ERROR);
  faulty_.FailNth(Call::kSign, 2, CKR_GENERAL_ERROR);
  EXPECT_OK(Sign());
  EXPECT_EQ(faulty_.Count(Call::kInitialize), starts + 1);
}

TEST_F(RecoveryTest, GivesUpOnATokenThatStaysBroken) {
  OpenSigner();
  const int starts = faulty_.Count(Call::kInitialize);
  faulty_.FailAlways(Call::kSign, CKR_DEVICE_ERROR);
  EXPECT_THAT(Sign(), StatusIs(kUnavailable, "TOKEN_LOST"));
  EXPECT_EQ(faulty_.Count(Call::kInitialize), starts + 1);
  faulty_.Heal();
  EXPECT_OK(SignUntilOk());
}

TEST_F(RecoveryTest, PacesItsAttemptsWhenTheTokenIsGone) {
  OpenSigner();
  faulty_.FailAlways(Call::kOpenSession, CKR_TOKEN_NOT_PRESENT);
  faulty_.FailAlways(Call::kSign, CKR_TOKEN_NOT_PRESENT);
  const int starts = faulty_.Count(Call::kInitialize);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Sign(), StatusIs(kUnavailable, "TOKEN_LOST"));
  }
  EXPECT_LT(faulty_.Count(Call::kInitialize), starts + 5);
  faulty_.Heal();
  EXPECT_OK(SignUntilOk());
}

TEST_F(RecoveryTest, SurvivesATokenThatIsRemovedAndBack) {
  OpenSigner();
  ASSERT_OK(Sign());
  const std::string objects = softhsm_.objects_path();
  std::filesystem::rename(objects, objects + ".away");
  const auto lost = Sign();
  EXPECT_EQ(lost.status().code(), kUnavailable) << lost.status();
  std::filesystem::rename(objects + ".away", objects);
  EXPECT_OK(SignUntilOk());
  EXPECT_GT(Recoveries(), 0U);
}

TEST_F(RecoveryTest, RefusesAKeyThatWasReplacedMeanwhile) {
  OpenSigner();
  const std::string objects = softhsm_.objects_path();
  std::filesystem::remove_all(objects);
  {
    TemporaryFolder other;
    const SoftHsmToken replacement(other.path());
    replacement.GenerateKey("app", Algorithm::kP256);
    std::filesystem::copy(replacement.objects_path(), objects,
                          std::filesystem::copy_options::recursive);
  }
  for (const auto& [name, value] : softhsm_.environment()) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  EXPECT_THAT(Sign(), StatusIs(kPrecondition, "KEY_NOT_PINNED"));
}

TEST_F(RecoveryTest, NeverSendsARefusedPinTwice) {
  TokenOptions options = softhsm_.Options();
  options.pin = base::Secret(std::string("wrong-pin"));
  EXPECT_THAT(Open(std::move(options)),
              StatusIs(kPrecondition, "PIN_INCORRECT"));
  EXPECT_EQ(faulty_.Count(Call::kLogin), 1);
}

TEST_F(RecoveryTest, NeverSendsAPinAgainThatIsRefusedInRecovery) {
  OpenSigner();
  faulty_.FailAlways(Call::kLogin, CKR_PIN_INCORRECT);
  faulty_.FailNth(Call::kSign, 1, CKR_DEVICE_REMOVED);
  const int logins = faulty_.Count(Call::kLogin);
  // Longer than the first pause between recoveries, which would hide a retry.
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_THAT(Sign(), StatusIs(kPrecondition, "PIN_INCORRECT"));
  }
  EXPECT_EQ(faulty_.Count(Call::kLogin), logins + 1);
}

TEST_F(RecoveryTest, SendsNoPinWhenTheNextWrongOneLocksTheToken) {
  faulty_.AddTokenFlags(CKF_USER_PIN_FINAL_TRY);
  EXPECT_THAT(Open(softhsm_.Options()),
              StatusIs(kPrecondition, "PIN_FINAL_TRY"));
  faulty_.AddTokenFlags(CKF_USER_PIN_LOCKED);
  EXPECT_THAT(Open(softhsm_.Options()), StatusIs(kPrecondition, "PIN_LOCKED"));
  EXPECT_EQ(faulty_.Count(Call::kLogin), 0);
}

TEST_F(RecoveryTest, GoesOnWhenAHumanHasUsedTheFinalTry) {
  OpenSigner();
  const int logins = faulty_.Count(Call::kLogin);
  faulty_.AddTokenFlags(CKF_USER_PIN_FINAL_TRY);
  faulty_.FailNth(Call::kSign, 1, CKR_DEVICE_REMOVED);
  EXPECT_THAT(Sign(), StatusIs(kPrecondition, "PIN_FINAL_TRY"));
  EXPECT_EQ(faulty_.Count(Call::kLogin), logins);
  faulty_.Heal();
  EXPECT_OK(SignUntilOk());
}

TEST_F(RecoveryTest, ReportsALockedPin) {
  faulty_.FailNth(Call::kLogin, 1, CKR_PIN_LOCKED);
  EXPECT_THAT(Open(softhsm_.Options()), StatusIs(kPrecondition, "PIN_LOCKED"));
}

TEST_F(RecoveryTest, TreatsALoginThatIsThereAsSuccess) {
  faulty_.FailNth(Call::kLogin, 1, CKR_USER_ALREADY_LOGGED_IN);
  EXPECT_OK(Open(softhsm_.Options()));
}

TEST_F(RecoveryTest, ReportsATokenWithoutFreeSessionsAsBusy) {
  OpenSigner();
  faulty_.FailNth(Call::kSignInit, 1, CKR_SESSION_CLOSED);
  faulty_.FailNth(Call::kOpenSession, 1, CKR_SESSION_COUNT);
  EXPECT_THAT(Sign(), StatusIs(kUnavailable, "TOKEN_BUSY"));
  EXPECT_OK(Sign());
}

TEST_F(RecoveryTest, NamesAReturnValueThatNothingHelpsAgainst) {
  OpenSigner();
  const int attempts = faulty_.Count(Call::kSignInit);
  faulty_.FailAlways(Call::kSignInit, CKR_MECHANISM_INVALID);
  EXPECT_THAT(Sign(), StatusIs(kInternal, "CKR_MECHANISM_INVALID"));
  EXPECT_EQ(faulty_.Count(Call::kSignInit), attempts + 1);
  faulty_.FailAlways(Call::kSignInit, CKR_VENDOR_DEFINED | 0x42);
  EXPECT_THAT(Sign(), StatusIs(kInternal, "CKR_VENDOR_0x80000042"));
}

TEST_F(RecoveryTest, RefusesASignatureThatDoesNotFitItsBuffer) {
  OpenSigner();
  faulty_.FailNth(Call::kSign, 1, CKR_BUFFER_TOO_SMALL);
  EXPECT_THAT(Sign(), StatusIs(kInternal, "SIGNATURE_LENGTH"));
  // The operation that it left open is not met again.
  EXPECT_OK(Sign());
}

TEST_F(RecoveryTest, RefusesASignatureOfAnotherLength) {
  OpenSigner();
  faulty_.TamperWithSignatures([](CK_BYTE*, CK_ULONG* size) { *size = 63; });
  EXPECT_THAT(Sign(), StatusIs(kInternal, "SIGNATURE_LENGTH"));
}

TEST_F(RecoveryTest, RefusesASignatureWithOneWrongBit) {
  OpenSigner();
  faulty_.TamperWithSignatures(
      [](CK_BYTE* bytes, CK_ULONG*) { bytes[40] ^= 1; });
  EXPECT_THAT(Sign(), StatusIs(kInternal, "SIGNATURE_WRONG"));
}

TEST_F(RecoveryTest, RefusesASignatureOfZeros) {
  OpenSigner();
  faulty_.TamperWithSignatures([](CK_BYTE* bytes, CK_ULONG* size) {
    std::fill(bytes, bytes + *size, CK_BYTE{0});
  });
  EXPECT_THAT(Sign(), StatusIs(kInternal, "SIGNATURE_WRONG"));
}

TEST_F(RecoveryTest, RefusesASignatureThatAnotherKeyMade) {
  softhsm_.GenerateKey("other", Algorithm::kP256);
  OpenSigner();
  const auto other = token_->Run([](const pkcs11::Session& session) {
    return pkcs11::FindKey(session, {"other", {}});
  });
  ASSERT_OK(other);
  faulty_.SignWithKey(other->handle);
  EXPECT_THAT(Sign(), StatusIs(kInternal, "SIGNATURE_WRONG"));
  faulty_.Heal();
  EXPECT_OK(Sign());
}

TEST_F(RecoveryTest, BlamesTheTokenWhenACallersCheckRefusesABadSignature) {
  OpenSigner();
  faulty_.TamperWithSignatures(
      [](CK_BYTE* bytes, CK_ULONG*) { bytes[40] ^= 1; });
  const auto refuse = [](absl::string_view) {
    return absl::FailedPreconditionError("not bootable");
  };
  EXPECT_THAT(
      signer_->Sign(PermitMint::Mint("app", std::string(32, 'd')), refuse),
      StatusIs(kInternal, "SIGNATURE_WRONG"));
}

TEST_F(RecoveryTest, LeavesNoHalfPairBehindAFailedGeneration) {
  OpenSigner();
  const pkcs11::NewKey key{"new", "\x01", Algorithm::kP256};
  const auto generate = [&key](const pkcs11::Session& session) {
    return pkcs11::GenerateKey(session, key);
  };
  faulty_.FailNth(Call::kGenerateKeyPair, 1, CKR_GENERAL_ERROR);
  EXPECT_THAT(token_->Change(generate), StatusIs(kUnavailable, "TOKEN_LOST"));
  // A public half left over would make this KEY_EXISTS.
  EXPECT_OK(token_->Change(generate));
}

TEST_F(RecoveryTest, NeverRepeatsAGeneration) {
  OpenSigner();
  const int made = faulty_.Count(Call::kGenerateKeyPair);
  faulty_.FailNth(Call::kGenerateKeyPair, 1, CKR_DEVICE_ERROR);
  EXPECT_THAT(token_->Change([](const pkcs11::Session& session) {
    return pkcs11::GenerateKey(session, {"new", "\x01", Algorithm::kP256});
  }),
              StatusIs(kUnavailable, "TOKEN_LOST"));
  EXPECT_EQ(faulty_.Count(Call::kGenerateKeyPair), made + 1);
}

TEST_F(RecoveryTest, ManagesWithoutAllowedMechanisms) {
  OpenSigner();
  faulty_.FailNth(Call::kGenerateKeyPair, 1, CKR_ATTRIBUTE_TYPE_INVALID);
  EXPECT_OK(token_->Change([](const pkcs11::Session& session) {
    return pkcs11::GenerateKey(session, {"new", "\x01", Algorithm::kP256});
  }));
}

}  // namespace
}  // namespace bootseal::hsm

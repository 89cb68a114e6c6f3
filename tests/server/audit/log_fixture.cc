#include "tests/server/audit/log_fixture.h"

#include <sqlite3.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "bootseal/v1/entry.pb.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "hsm/signer.h"
#include "server/audit/sqlite/store.h"
#include "server/trust/entry.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

audit::Record RecordOf(const std::string& request_id,
                       const std::string& content) {
  v1::Entry entry;
  entry.mutable_caller()->set_identity("ci");
  entry.set_request_id(request_id);
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target("app");
  signing.set_decision(request_id.empty() ? v1::REFUSED : v1::ALLOWED);
  signing.set_reason(content);
  signing.set_request_sha256(content);
  audit::Record record;
  const auto bytes = trust::EncodeEntry(entry);
  EXPECT_OK(bytes);
  record.entry = *bytes;
  record.identity = "ci";
  record.request_id = request_id;
  record.target = "app";
  record.decision = signing.decision();
  return record;
}

bool Proves(const audit::Receipt& receipt, const std::string& verifier_key) {
  const auto key =
      image::transparency::ParseVerifierKey(std::string_view(verifier_key));
  return key.ok() && image::transparency::VerifyReceipt(
                         receipt.text(), image::host::AsBytes(receipt.entry()),
                         *key) == image::Error::kOk;
}

absl::StatusOr<std::unique_ptr<hsm::CheckpointSigner>> SignerIn(
    std::shared_ptr<hsm::Token> token, const std::string& key_uri) {
  hsm::KeySpec spec;
  spec.name = "log";
  spec.uri = key_uri;
  spec.algorithm = hsm::Algorithm::kEd25519;
  spec.purpose = hsm::Purpose::kCheckpoint;
  return hsm::CheckpointSigner::Open(std::move(token), spec);
}

LogFixture::LogFixture() {
  std::filesystem::create_directory(log_folder());
  softhsm_.GenerateKey("log", hsm::Algorithm::kEd25519);
}

absl::StatusOr<std::unique_ptr<audit::Log>> LogFixture::Open() {
  ASSIGN_OR_RETURN(auto store, audit::OpenSqliteStore(path()));
  ASSIGN_OR_RETURN(auto token, hsm::OpenToken(softhsm_.Options()));
  ASSIGN_OR_RETURN(auto signer,
                   SignerIn(std::move(token), softhsm_.KeyUri("log")));
  return audit::Log::Open(std::move(store), std::move(signer), kOrigin);
}

void LogFixture::Reopen() {
  log_.reset();
  auto log = Open();
  ASSERT_OK(log);
  log_ = *std::move(log);
}

void LogFixture::Tamper(const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

}  // namespace bootseal::tests

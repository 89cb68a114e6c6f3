#include "tests/client/witness/witnessed_fixture.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "firmware/image/host/cosignature.h"
#include "tests/client/witness/growth.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

void CopyDatabase(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::remove(to + suffix);
    if (fs::exists(from + suffix)) fs::copy_file(from + suffix, to + suffix);
  }
}

std::uint64_t SizeOf(const std::string& note) {
  const std::vector<std::string> lines = absl::StrSplit(note, '\n');
  std::uint64_t size = 0;
  return lines.size() > 1 && absl::SimpleAtoi(lines[1], &size) ? size : 0;
}

}  // namespace

void WitnessedTest::Configure() {
  v1::Witness& config = *server_.config().mutable_log()->add_witnesses();
  config.set_url(witness_.url());
  config.set_verifier_key(WitnessKeyText());
}

void WitnessedTest::Copy(const std::string& name) {
  CopyDatabase(server_.folder().File("log.sqlite"), File(name));
}

void WitnessedTest::Restore(const std::string& name) {
  CopyDatabase(File(name), server_.folder().File("log.sqlite"));
}

void WitnessedTest::Grow() {
  // By somebody who has seen no other history.
  fs::remove_all(File("newcomer"));
  const Outcome outcome =
      Sign("ci", {"-o", File("grown.bin"), "--receipt", File("grown.receipt")},
           {{"BOOTSEAL_STATE", File("newcomer")}});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
}

std::string WitnessedTest::Checkpoint() {
  const auto stub = v1::AuditService::NewStub(server_.Channel("auditor"));
  grpc::ClientContext context;
  v1::Checkpoint reply;
  const grpc::Status status =
      stub->GetCheckpoint(&context, v1::GetCheckpointRequest(), &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return reply.note();
}

std::uint64_t WitnessedTest::Size() { return SizeOf(Checkpoint()); }

std::string WitnessedTest::WaitForCosigned(std::uint64_t size) {
  const auto key = *image::host::CosignerKey::Parse(WitnessKeyText());
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string note = Checkpoint();
    const auto seen = image::host::OpenCosigned(note, key);
    if (seen.ok() && seen->size >= size) return note;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return "";
}

Outcome WitnessedTest::CosignOnce() {
  std::vector<std::string> arguments{
      "audit",  "witness", "--once",  "--key",     witness_.File("w.pem"),
      "--name", kWitness,  "--state", File("once")};
  if (!fs::exists(File("once"))) arguments.push_back("--new");
  return Bootseal("auditor", arguments);
}

}  // namespace bootseal::tests

#include "tests/chaos/load.h"

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/connection.h"
#include "client/cli/log_memory.h"
#include "client/cli/release.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

v1::SignHeader Header() {
  v1::SignHeader header;
  header.set_target("app");
  header.set_version("1");
  header.set_request_id(cli::RandomRequestId());
  return header;
}

absl::StatusOr<Released> SignOnce(const cli::Connection& connection,
                                  const cli::LogKey& key,
                                  const std::string& payload) {
  ASSIGN_OR_RETURN(const cli::LogMemory memory, cli::LogMemory::Open(key));
  const cli::Order order = cli::MakeOrder(Header(), cli::SentPayload{payload});
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   cli::RequestSignature(connection, order, kLimit));
  ASSIGN_OR_RETURN(const cli::Release release,
                   cli::Accept(connection, order, std::move(reply), key, memory,
                               std::nullopt));
  Released released;
  released.receipt = release.reply.receipt();
  released.signature = cli::SignatureOf(release);
  ASSIGN_OR_RETURN(released.entry, cli::EntryOfReceipt(released.receipt));
  return released;
}

}  // namespace

Load::Load(Environment environment, int threads, int programs)
    : environment_(std::move(environment)), payload_(TestPayload(20000)) {
  settings_ = {environment_.at("BOOTSEAL_SERVER"),
               environment_.at("BOOTSEAL_CA"), environment_.at("BOOTSEAL_CERT"),
               environment_.at("BOOTSEAL_KEY"),
               environment_.at("BOOTSEAL_LOG_KEY")};
  setenv("BOOTSEAL_STATE", folder_.File("state").c_str(), 1);
  std::ofstream(folder_.File("app.bin"), std::ios::binary) << payload_;
  for (int i = 0; i < threads; ++i) {
    clients_.emplace_back([this] { SignHere(); });
  }
  for (int i = 0; i < programs; ++i) {
    clients_.emplace_back([this, i] { RunProgram(i); });
  }
}

Load::~Load() { End(); }

void Load::End() {
  ending_ = true;
  for (std::thread& client : clients_) {
    if (client.joinable()) client.join();
  }
}

void Load::Fail(std::string error) {
  const base::MutexLock lock(mutex_);
  errors_.push_back(std::move(error));
}

void Load::SignHere() {
  const base::SystemClock clock;
  const auto connection = cli::Connection::Open(settings_, clock);
  const auto key = cli::LogKey::Read(settings_.log_key);
  if (!connection.ok()) return Fail(connection.status().ToString());
  if (!key.ok()) return Fail(key.status().ToString());
  while (!ending_) {
    absl::StatusOr<Released> released = SignOnce(**connection, *key, payload_);
    if (!released.ok()) {
      Fail(released.status().ToString());
      continue;
    }
    const base::MutexLock lock(mutex_);
    released_.push_back(*std::move(released));
  }
}

void Load::RunProgram(int number) {
  const std::string image = folder_.File(absl::StrCat("image-", number));
  const std::string receipt = image + ".receipt";
  while (!ending_) {
    const Outcome sign =
        Run({BOOTSEAL_PROGRAM, "sign", "--target", "app", "--version", "1",
             "-o", image, "--receipt", receipt, folder_.File("app.bin")},
            environment_);
    if (sign.exit_code != 0) {
      Fail(absl::StrCat("exit ", sign.exit_code, ": ", sign.err));
      continue;
    }
    ++program_runs_;
    const auto text = base::ReadFile(receipt, 1 << 20);
    if (!text.ok()) {
      Fail(text.status().ToString());
      continue;
    }
    const auto entry = cli::EntryOfReceipt(*text);
    if (!entry.ok()) {
      Fail(entry.status().ToString());
      continue;
    }
    const base::MutexLock lock(mutex_);
    released_.push_back({*text, *entry, ""});
  }
}

}  // namespace bootseal::tests

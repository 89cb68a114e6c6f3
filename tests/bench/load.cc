#include "tests/bench/load.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/acceptance.h"
#include "client/cli/assembly.h"
#include "client/cli/log_key.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::bench {
namespace {

using Time = std::chrono::steady_clock;

void Must(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "bootseal-bench: %s: %s\n", what,
               std::string(status.message()).c_str());
  std::exit(1);
}

// One stream: this thread writes while another reads and verifies.
class Stream {
 public:
  Stream(v1::SigningService::Stub& stub, const Load& load,
         const cli::LogKey& log_key, int number)
      : load_(load),
        log_key_(log_key),
        prefix_(absl::StrCat(load.target, "-", number, "-")),
        stream_(stub.SignMany(&context_)),
        free_(load.window) {
    order_.header.set_target(load.target);
    order_.header.set_version("1.2.3+4");
    order_.header.set_payload_size(load.payload.size());
    order_.payload = load.payload;
    order_.payload_sha256 =
        image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                            image::host::AsBytes(load.payload))
                                  .bytes());
  }

  // The number of replies that were verified.
  std::uint64_t Run(Time::time_point deadline) {
    std::thread reader([this] { Read(); });
    for (std::uint64_t i = 0; Time::now() < deadline; ++i) {
      free_.acquire();
      v1::SignManyRequest request;
      *request.mutable_header() = order_.header;
      request.mutable_header()->set_request_id(absl::StrCat(prefix_, i));
      request.set_payload(load_.payload);
      if (!stream_->Write(request)) break;
    }
    stream_->WritesDone();
    reader.join();
    const grpc::Status status = stream_->Finish();
    if (!status.ok()) {
      Must(absl::UnknownError(status.error_message()), "SignMany");
    }
    return verified_;
  }

 private:
  void Read() {
    v1::SignManyReply reply;
    while (stream_->Read(&reply)) {
      free_.release();
      Verify(reply);
      ++verified_;
    }
  }

  void Verify(const v1::SignManyReply& reply) {
    if (reply.has_failure()) {
      Must(absl::UnknownError(reply.failure().message()), "refused");
    }
    order_of_reply_ = order_;
    order_of_reply_.header.set_request_id(reply.request_id());
    const auto image = cli::Assemble(reply.reply(), load_.payload);
    Must(image.status(), "assemble");
    Must(cli::CheckImage(order_of_reply_, reply.reply(), image->bytes),
         "verdict");
    Must(cli::CheckReceiptOfOrder(log_key_, order_of_reply_, reply.reply(),
                                  image->bytes)
             .status(),
         "receipt");
  }

  const Load& load_;
  const cli::LogKey& log_key_;
  const std::string prefix_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::SignManyRequest, v1::SignManyReply>>
      stream_;
  std::counting_semaphore<> free_;
  cli::Order order_;
  cli::Order order_of_reply_;
  std::uint64_t verified_ = 0;
};

}  // namespace

double SignaturesPerSecond(const std::shared_ptr<grpc::Channel>& channel,
                           const Load& load) {
  const auto log_key = cli::LogKey::Read(load.log_key);
  Must(log_key.status(), "log key");
  const auto stub = v1::SigningService::NewStub(channel);
  std::atomic<std::uint64_t> total{0};
  const Time::time_point start = Time::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < load.streams; ++i) {
    threads.emplace_back([&, i] {
      total += Stream(*stub, load, *log_key, i).Run(start + load.duration);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Time::now() - start;
  return static_cast<double>(total.load()) / elapsed.count();
}

}  // namespace bootseal::bench

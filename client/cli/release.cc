#include "client/cli/release.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/exit_status.h"
#include "client/cli/progress.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "server/trust/format.h"
#include "server/trust/request_id.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;

constexpr std::size_t kChunkBytes = 256 * 1024;

// The server may answer before it has all; Finish then tells what it said.
void Upload(grpc::ClientWriter<v1::SignRequest>& writer, const Order& order) {
  absl::string_view rest = order.range.empty() ? order.payload : order.range;
  const std::size_t size = rest.size();
  Progress progress("upload", size);
  v1::SignRequest request;
  *request.mutable_header() = order.header;
  do {
    const absl::string_view chunk = rest.substr(0, kChunkBytes);
    request.set_chunk(chunk.data(), chunk.size());
    if (!writer.Write(request)) return;
    request.clear_header();
    rest.remove_prefix(chunk.size());
    progress.Show(size - rest.size());
  } while (!rest.empty());
  writer.WritesDone();
}

}  // namespace

std::string RandomRequestId() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  // Digits alone would name a subject in `approvals show`.
  return absl::StrCat(
      "r-", absl::BytesToHexString(absl::string_view(
                reinterpret_cast<const char*>(bytes.data()), bytes.size())));
}

Order MakeOrder(v1::SignHeader header, SentPayload payload) {
  header.set_payload_size(payload.bytes.size());
  header.set_compression(payload.compression);
  const image::Digest digest = image::HashOf(
      image::HashAlgorithm::kSha256, image::host::AsBytes(payload.bytes));
  return {std::move(header), std::move(payload.bytes),
          image::host::ToString(digest.bytes())};
}

absl::StatusOr<std::optional<v1::Profile>> AskForProfile(
    const Connection& connection, const std::string& target,
    absl::Duration limit) {
  v1::ListTargetsReply reply;
  const absl::Status status = connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        reply.Clear();
        return v1::SigningService::NewStub(channel)->ListTargets(
            &context, v1::ListTargetsRequest(), &reply);
      });
  if (ExitStatusOf(status) == ExitStatus::kUnreachable) return status;
  if (WorthRetrying(status)) return status;
  for (v1::Profile& profile : *reply.mutable_targets()) {
    if (profile.target().name() == target) return std::move(profile);
  }
  return std::nullopt;
}

absl::StatusOr<v1::SignReply> RequestSignature(const Connection& connection,
                                               const Order& order,
                                               absl::Duration limit) {
  v1::SignReply reply;
  RETURN_IF_ERROR(connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        reply.Clear();
        context.AddMetadata(trust::kRequestIdMetadata,
                            order.header.request_id());
        const auto stub = v1::SigningService::NewStub(channel);
        const auto writer = stub->Sign(&context, &reply);
        Upload(*writer, order);
        return writer->Finish();
      }));
  return reply;
}

absl::StatusOr<Release> Accept(const Connection& connection, const Order& order,
                               v1::SignReply reply, const LogKey& key,
                               const LogMemory& memory,
                               const std::optional<v1::Profile>& pinned,
                               absl::Duration limit) {
  ASSIGN_OR_RETURN(AssembledImage image, Assemble(reply, order.payload));
  RETURN_IF_ERROR(CheckImage(order, reply, image.bytes));
  if (pinned) RETURN_IF_ERROR(CheckPinned(*pinned, reply, image.bytes));
  ASSIGN_OR_RETURN(TrustedCheckpoint checkpoint,
                   CheckReceiptOfOrder(key, order, reply, image.bytes));
  RETURN_IF_ERROR(CheckEmbeddedReceipt(key, order, reply, image.bytes));
  RETURN_IF_ERROR(memory.Accept(connection, checkpoint, limit));
  return Release{std::move(reply), std::move(image), std::move(checkpoint)};
}

std::string SignatureOf(const Release& release) {
  const v1::Profile& profile = release.reply.profile();
  const mcuboot::Rules rules =
      trust::RulesOf(profile.target().mcuboot(), profile.algorithm());
  const mcuboot::Reading reading =
      mcuboot::ReadImage(image::host::AsBytes(release.image.bytes), rules.hash);
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    if (mcuboot::IsSignature(tlv.type)) return image::host::ToString(tlv.value);
  }
  return {};
}

}  // namespace bootseal::cli

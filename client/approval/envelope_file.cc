#include "client/approval/envelope_file.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "google/protobuf/util/json_util.h"
#include "server/trust/approval.h"

namespace bootseal::approval {
namespace {

absl::Status Bad(absl::string_view message) {
  return base::Invalid(
      "ENVELOPE_INVALID", "envelope",
      absl::StrCat("the file is no signed approval: ", message));
}

}  // namespace

// protobuf's JSON of the message has DSSE's own names.
std::string WriteEnvelopeJson(const v1::DsseEnvelope& envelope) {
  std::string json;
  static_cast<void>(
      google::protobuf::util::MessageToJsonString(envelope, &json));
  return json + "\n";
}

absl::StatusOr<v1::DsseEnvelope> ReadEnvelopeJson(absl::string_view json) {
  v1::DsseEnvelope envelope;
  const auto status =
      google::protobuf::util::JsonStringToMessage(std::string(json), &envelope);
  if (!status.ok()) {
    return Bad(
        absl::string_view(status.message().data(), status.message().size()));
  }
  if (envelope.payload_type() != trust::kApprovalPayloadType) {
    return Bad(absl::StrCat("its payloadType is \"", envelope.payload_type(),
                            "\", expected ", trust::kApprovalPayloadType));
  }
  if (envelope.signatures_size() != 1) {
    return Bad(absl::StrCat("it has ", envelope.signatures_size(),
                            " signatures, expected 1"));
  }
  RETURN_IF_ERROR(trust::DecodeStatement(envelope.payload()).status());
  return envelope;
}

}  // namespace bootseal::approval

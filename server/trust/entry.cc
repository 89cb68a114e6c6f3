#include "server/trust/entry.h"

#include <array>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/trust/parts.h"

namespace bootseal::trust {
namespace {

constexpr absl::string_view kMagic = "BSE1";
constexpr std::size_t kDigestOffset = 8;

struct DigestKind {
  std::size_t bytes;
  char algorithm;
};
constexpr std::array<DigestKind, 4> kDigestKinds{
    {{0, 0}, {32, 1}, {48, 2}, {64, 3}}};

absl::Status Malformed(absl::string_view message) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "ENTRY_MALFORMED",
                    absl::StrCat("log entry ", message));
}

absl::string_view HeadDigest(const v1::Entry& entry) {
  if (entry.signing().digests_size() == 0) return {};
  return entry.signing().digests(0).digest();
}

absl::StatusOr<std::string> Head(const v1::Entry& entry) {
  if (entry.event_case() == v1::Entry::EVENT_NOT_SET) {
    return Malformed("has no event");
  }
  const absl::string_view digest = HeadDigest(entry);
  for (const DigestKind& kind : kDigestKinds) {
    if (kind.bytes != digest.size()) continue;
    std::string head(kMagic);
    head.push_back(static_cast<char>(entry.event_case()));
    head.push_back(kind.algorithm);
    head.push_back(static_cast<char>(kind.bytes));
    head.push_back('\0');
    absl::StrAppend(&head, digest);
    head.resize(kEntryHeadBytes, '\0');
    return head;
  }
  return Malformed(absl::StrCat("signs a digest of ", digest.size(),
                                " bytes, expected 32, 48 or 64"));
}

std::string Serialized(const v1::Entry& entry) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  entry.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> EncodeEntry(const v1::Entry& entry) {
  ASSIGN_OR_RETURN(std::string bytes, Head(entry));
  absl::StrAppend(&bytes, Serialized(entry));
  if (bytes.size() > kMaxEntryBytes) {
    return base::Fail(
        absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE",
        absl::StrCat("log entry has ", bytes.size(),
                     " bytes, expected at most ", kMaxEntryBytes));
  }
  // Text that is not UTF-8 can be written but never read again.
  if (!v1::Entry().ParseFromArray(
          bytes.data() + kEntryHeadBytes,
          static_cast<int>(bytes.size() - kEntryHeadBytes))) {
    return Malformed("holds text that is not UTF-8");
  }
  return bytes;
}

absl::StatusOr<v1::Entry> DecodeEntry(absl::string_view bytes) {
  if (bytes.size() > kMaxEntryBytes) {
    return Malformed(absl::StrCat("has ", bytes.size(),
                                  " bytes, expected at most ", kMaxEntryBytes));
  }
  if (bytes.size() < kEntryHeadBytes || !absl::StartsWith(bytes, kMagic)) {
    return Malformed("does not start with a head of version BSE1");
  }
  v1::Entry entry;
  if (!entry.ParseFromArray(bytes.data() + kEntryHeadBytes,
                            static_cast<int>(bytes.size() - kEntryHeadBytes))) {
    return Malformed("is not a bootseal.v1.Entry after its head");
  }
  ASSIGN_OR_RETURN(const std::string head, Head(entry));
  if (bytes.substr(0, kEntryHeadBytes) != head) {
    return Malformed("has a head that is not that of its event");
  }
  if (bytes.substr(kEntryHeadBytes) != Serialized(entry)) {
    return Malformed("is not in the canonical encoding");
  }
  return entry;
}

namespace {

std::string VendorTlvs(const v1::SignHeader& header) {
  std::string text;
  for (const v1::VendorTlv& tlv : header.vendor_tlvs()) {
    absl::StrAppend(&text, BigEndian(tlv.type()), BigEndian(tlv.value().size()),
                    tlv.value());
  }
  return text;
}

std::string Components(const v1::SignHeader& header) {
  std::string text;
  for (const v1::Component& component : header.components()) {
    absl::StrAppend(&text, BigEndian(component.name().size()), component.name(),
                    BigEndian(component.size()));
  }
  return text;
}

std::string ProvisioningOf(const v1::SignHeader& header) {
  const v1::Provisioning& provisioning = header.provisioning();
  std::string text = absl::StrCat(BigEndian(provisioning.active()),
                                  BigEndian(provisioning.previous()));
  for (const int state : provisioning.states()) {
    absl::StrAppend(&text, BigEndian(static_cast<std::uint64_t>(state)));
  }
  return text;
}

std::string VerdictIn(const v1::SignHeader& header) {
  const v1::FirmwareVerdict& verdict = header.verdict();
  return absl::StrCat(
      BigEndian(static_cast<std::uint64_t>(verdict.end())),
      BigEndian(static_cast<std::uint64_t>(verdict.not_after_unix_seconds())));
}

// Nothing for a request that uses none of it: digests of earlier versions stay.
void AddOptions(const v1::SignHeader& header, Parts& parts) {
  if (!header.vendor_tlvs().empty()) {
    parts.Add("vendor_tlvs");
    parts.Add(VendorTlvs(header));
  }
  if (header.encrypted()) {
    parts.Add("encrypted");
    parts.Add("");
  }
  if (header.compression() != v1::COMPRESSION_UNSPECIFIED) {
    parts.Add("compression");
    parts.AddNumber(static_cast<std::uint64_t>(header.compression()));
  }
  if (header.has_signed_range()) {
    parts.Add("signed_range");
    parts.AddNumber(header.signed_range().header_padding());
  }
  if (!header.components().empty()) {
    parts.Add("components");
    parts.Add(Components(header));
  }
  if (header.has_provisioning()) {
    parts.Add("provisioning");
    parts.Add(ProvisioningOf(header));
  }
  if (header.embed_receipt()) {
    parts.Add("embed_receipt");
    parts.Add("");
  }
  if (header.has_verdict()) {
    parts.Add("verdict");
    parts.Add(VerdictIn(header));
  }
  if (header.has_non_trusted_counter()) {
    parts.Add("non_trusted_counter");
    parts.AddNumber(header.non_trusted_counter());
  }
  if (header.has_valid_from_unix_seconds()) {
    parts.Add("valid_from");
    parts.AddNumber(
        static_cast<std::uint64_t>(header.valid_from_unix_seconds()));
  }
}

}  // namespace

std::string RequestDigest(const v1::SignHeader& header,
                          absl::string_view payload_sha256) {
  Parts parts("bootseal.v1 request\n");
  parts.Add(header.target());
  parts.Add(header.version());
  // A counter that was not given has no bytes: it differs from a given 0.
  parts.Add(header.has_security_counter() ? BigEndian(header.security_counter())
                                          : std::string());
  parts.Add(payload_sha256);
  AddOptions(header, parts);
  return parts.Sha256();
}

static_assert(kDigestOffset + image::kMaxHashSize == kEntryHeadBytes);

SearchTerms TermsOf(const v1::Entry& entry) {
  SearchTerms terms;
  terms.identity = entry.caller().identity();
  terms.time_unix_ms = entry.time_unix_ms();
  terms.kind = entry.event_case();
  switch (entry.event_case()) {
    case v1::Entry::kSigning:
      terms.target = entry.signing().target();
      terms.decision = entry.signing().decision();
      terms.subject = entry.signing().subject_sha256();
      if (!entry.signing().digests().empty()) {
        terms.key = entry.signing().digests(0).key();
      }
      break;
    case v1::Entry::kApproval:
      terms.target = entry.approval().target();
      terms.subject = entry.approval().subject_sha256();
      break;
    case v1::Entry::kKey:
      terms.decision = entry.key().decision();
      terms.key = entry.key().change().key();
      terms.subject = entry.key().subject_sha256();
      break;
    case v1::Entry::kAccess:
      terms.target = entry.access().target();
      terms.decision = v1::REFUSED;
      break;
    case v1::Entry::kMetadata:
      terms.target = entry.metadata().target();
      break;
    case v1::Entry::kRefusals:
      terms.decision = v1::REFUSED;
      break;
    case v1::Entry::kPolicy:
    case v1::Entry::kStart:
    case v1::Entry::EVENT_NOT_SET:
      break;
  }
  return terms;
}

namespace {

const google::protobuf::OneofDescriptor& Events() {
  return *v1::Entry::descriptor()->FindOneofByName("event");
}

}  // namespace

std::vector<std::string> EntryKinds() {
  std::vector<std::string> names;
  for (int i = 0; i < Events().field_count(); ++i) {
    names.push_back(Events().field(i)->name());
  }
  return names;
}

std::string NameOfKind(int kind) {
  const auto* field = v1::Entry::descriptor()->FindFieldByNumber(kind);
  const bool event = field != nullptr && field->containing_oneof() == &Events();
  return event ? field->name() : "unknown";
}

int KindNamed(absl::string_view name) {
  for (int i = 0; i < Events().field_count(); ++i) {
    if (Events().field(i)->name() == name) return Events().field(i)->number();
  }
  return 0;
}

}  // namespace bootseal::trust

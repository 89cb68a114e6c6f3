#include "client/cli/sign_stm32.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/believed_profile.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/output_places.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/sign_header.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "client/package/fip_files.h"
#include "client/package/sealed_first_stage.h"
#include "client/package/sealed_package.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/package_format.h"

namespace bootseal::cli {
namespace {

using image::certificate::ImageRole;
using image::host::FipImage;

struct Component {
  ImageRole role = ImageRole::kFwConfig;
  std::string name;  // as fiptool's option
  std::string path;
};

absl::StatusOr<Component> ParseComponent(const std::string& text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.first.empty() || parts.second.empty()) {
    return UsageError("COMPONENT_INVALID",
                      absl::StrCat("--component ", Printable(text),
                                   ": expected NAME=FILE, such as "
                                   "tos-fw=tee.bin"));
  }
  const image::host::FipName* const name = package::FindComponent(parts.first);
  if (name == nullptr) {
    return UsageError(
        "COMPONENT_UNKNOWN",
        absl::StrCat("--component ", Printable(text), ": no image \"",
                     Printable(parts.first), "\"; known: ",
                     absl::StrJoin(package::ComponentNames(), ", "),
                     ", and bl32, bl32-extra1, bl32-extra2, bl33"));
  }
  return Component{*trust::ImageRoleOf(name->option), name->option,
                   parts.second};
}

// In the order of the upload.
absl::StatusOr<std::vector<Component>> ParseComponents(
    const SignOptions& options) {
  std::vector<Component> components;
  for (const std::string& text : options.components) {
    ASSIGN_OR_RETURN(Component component, ParseComponent(text));
    for (const Component& other : components) {
      if (other.role != component.role) continue;
      return UsageError("COMPONENT_TWICE",
                        absl::StrCat("--component ", component.name,
                                     " is given twice: ", Printable(other.path),
                                     " and ", Printable(component.path)));
    }
    components.push_back(std::move(component));
  }
  std::sort(components.begin(), components.end(),
            [](const auto& a, const auto& b) { return a.role < b.role; });
  return components;
}

absl::Status CheckOptions(const SignOptions& options) {
  if (options.output.empty()) {
    return UsageError("OUTPUT_MISSING",
                      "a package has no payload that it could be named after; "
                      "give -o");
  }
  if (options.device_key.empty() && !options.compress && !options.address &&
      options.vendor_tlvs.empty() && options.otp.empty() &&
      !options.embed_receipt) {
    return absl::OkStatus();
  }
  return UsageError("OPTION_NOT_OF_PACKAGE",
                    "a package is neither encrypted, compressed, placed at an "
                    "address nor given vendor TLVs, its receipt or OTP words");
}

absl::StatusOr<v1::SignHeader> HeaderOf(const SignOptions& options) {
  ASSIGN_OR_RETURN(v1::SignHeader header, BeginHeader(options));
  if (options.non_trusted_counter) {
    header.set_non_trusted_counter(*options.non_trusted_counter);
  }
  if (!options.valid_from.empty()) {
    const auto time = trust::ParseValidFrom(options.valid_from);
    if (!time) {
      return UsageError(
          "VALID_FROM_INVALID",
          absl::StrCat("--valid-from ", Printable(options.valid_from),
                       ": expected a time such as "
                       "2026-01-31T00:00:00Z"));
    }
    header.set_valid_from_unix_seconds(absl::ToUnixSeconds(*time));
  }
  return header;
}

struct Prepared {
  std::vector<FipImage> images;
  Order order;
  std::optional<v1::Profile> pinned;
  absl::Duration wait;
};

absl::StatusOr<Prepared> Prepare(const SignOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const auto components, ParseComponents(options));
  ASSIGN_OR_RETURN(v1::SignHeader header, HeaderOf(options));
  OutputPlaces places{"package", options.output, options.receipt, {}};
  for (const Component& each : components) places.inputs.push_back(each.path);
  if (!options.profile.empty()) places.inputs.push_back(options.profile);
  RETURN_IF_ERROR(CheckPlaces(places));
  Prepared prepared;
  SentPayload payload;
  for (const Component& each : components) {
    auto content = base::ReadFile(each.path, package::kMaxFipBytes);
    if (!content.ok()) {
      return WithExit(content.status(), ExitStatus::kLocalFile);
    }
    v1::Component& added = *header.add_components();
    added.set_name(each.name);
    added.set_size(content->size());
    payload.bytes += *content;
    prepared.images.push_back(
        {image::certificate::TraitsOf(each.role).uuid, *std::move(content)});
  }
  prepared.order = MakeOrder(std::move(header), std::move(payload));
  ASSIGN_OR_RETURN(prepared.pinned,
                   PinnedProfile(options.profile, options.target));
  ASSIGN_OR_RETURN(prepared.wait, WaitOf(options.wait));
  return prepared;
}

struct Made {
  std::string bytes;
  std::uint32_t counter = 0;
  release::ProvenEntry proven;
};

absl::Status CheckCounter(const v1::SignHeader& header, std::uint32_t found) {
  if (!header.has_security_counter() || header.security_counter() == found) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "REPLY_MISMATCH", absl::StrCat("the counter that was signed is ", found,
                                     ", expected ", header.security_counter()));
}

absl::StatusOr<Made> AcceptPackage(const Prepared& prepared,
                                   const v1::SignReply& reply,
                                   const LogKey& key) {
  const v1::SignHeader& header = prepared.order.header;
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   BelievedProfile(header.target(), prepared.pinned, reply));
  Made made;
  ASSIGN_OR_RETURN(made.bytes,
                   package::AssemblePackage(profile, prepared.images, reply));
  ASSIGN_OR_RETURN(const package::SoundPackage sound,
                   package::VerifyPackage(profile, made.bytes));
  made.counter = sound.counter;
  RETURN_IF_ERROR(CheckCounter(header, sound.counter));
  ASSIGN_OR_RETURN(made.proven, package::CheckPackageReceipt(
                                    key, reply.receipt(), profile, made.bytes));
  RETURN_IF_ERROR(release::CheckEntryIsOfOrder(made.proven.entry, header,
                                               prepared.order.payload_sha256));
  return made;
}

absl::StatusOr<Made> AcceptFirstStage(const FirstStageReply& answered,
                                      const LogKey& key) {
  const v1::SignHeader& header = answered.order.header;
  ASSIGN_OR_RETURN(
      const v1::Profile profile,
      BelievedProfile(header.target(), answered.pinned, answered.reply));
  Made made;
  made.bytes = absl::StrCat(answered.reply.header(), answered.order.payload);
  ASSIGN_OR_RETURN(const image::stm32::Header read,
                   package::VerifyFirstStage(profile, made.bytes));
  if (image::stm32::HeaderBytes(read) != answered.reply.header().size()) {
    return base::Precondition("REPLY_MALFORMED",
                              "the server's reply is malformed: more than a "
                              "header in front of the payload");
  }
  made.counter = read.image_version;
  RETURN_IF_ERROR(CheckCounter(header, read.image_version));
  ASSIGN_OR_RETURN(made.proven,
                   package::CheckFirstStageReceipt(
                       key, answered.reply.receipt(), profile, made.bytes));
  RETURN_IF_ERROR(release::CheckEntryIsOfOrder(made.proven.entry, header,
                                               answered.order.payload_sha256));
  return made;
}

// The artefact last: where it is, all that speaks of it is too.
absl::Status WriteFiles(const SignOptions& options, const v1::SignReply& reply,
                        const Made& made, const std::string& otp) {
  std::vector<Output> outputs;
  if (!options.receipt.empty()) {
    outputs.push_back({options.receipt, reply.receipt()});
  }
  if (!options.otp.empty()) outputs.push_back({options.otp, otp});
  outputs.push_back({options.output, made.bytes});
  return WriteOutputs(outputs);
}

struct Printed {
  const SignOptions& options;
  const Order& order;
  const v1::SignReply& reply;
  const Made& made;
  std::vector<image::host::OtpWord> words = {};
};

std::uint64_t IndexOf(const v1::SignReply& reply) {
  return image::transparency::ParseProofFile(reply.receipt())->index;
}

std::string InText(const Printed& printed) {
  const v1::SignHeader& header = printed.order.header;
  const bool package = printed.reply.header().empty();
  std::vector<std::vector<std::string>> rows{
      {package ? "package" : "image",
       absl::StrCat(Printable(printed.options.output), " (",
                    printed.made.bytes.size(), " bytes, bootable)")},
      {"target", absl::StrCat(header.target(), " ", header.version())},
      {package ? "NV counter" : "image version",
       absl::StrCat(printed.made.counter)}};
  for (const auto& each : printed.made.proven.entry.signing().components()) {
    rows.push_back({absl::StrCat("image ", Printable(each.name())),
                    absl::StrCat(each.size(), " bytes, sha256 ",
                                 absl::BytesToHexString(each.sha256()))});
  }
  rows.push_back({"log", absl::StrCat("entry ", IndexOf(printed.reply), " of ",
                                      printed.made.proven.checkpoint.size,
                                      printed.reply.replayed()
                                          ? ", recorded by an earlier call"
                                          : "")});
  rows.push_back({"request", Printable(header.request_id())});
  return absl::StrCat(
      FormatTable(rows),
      printed.words.empty() ? "" : "to be fused, before a chip is closed:\n",
      package::FormatOtpWords(printed.words));
}

Json DigestsOf(const v1::SigningEvent& event) {
  std::vector<Json> digests;
  for (const v1::SignedDigest& each : event.digests()) {
    digests.push_back(JsonObject()
                          .Add("name", Json::Text(each.name()))
                          .Add("key", Json::Text(each.key()))
                          .Add("digest", Json::Hex(each.digest()))
                          .Build());
  }
  return Json::Array(digests);
}

Json WordsOf(const std::vector<image::host::OtpWord>& words) {
  std::vector<Json> list;
  for (const image::host::OtpWord& word : words) {
    list.push_back(JsonObject()
                       .Add("word", Json::Number(word.number))
                       .Add("value", Json::Number(word.value))
                       .Build());
  }
  return Json::Array(list);
}

std::string InJson(const Printed& printed) {
  const v1::SignHeader& header = printed.order.header;
  JsonObject json;
  json.Add("target", Json::Text(header.target()))
      .Add("version", Json::Text(header.version()))
      .Add("image", Json::Text(printed.options.output))
      .Add("image_bytes", Json::Number(printed.made.bytes.size()))
      .Add("security_counter", Json::Number(printed.made.counter))
      .Add("payload_sha256", Json::Hex(printed.order.payload_sha256))
      .Add("digests", DigestsOf(printed.made.proven.entry.signing()))
      .Add("otp_words", WordsOf(printed.words))
      .Add("request_id", Json::Text(header.request_id()))
      .Add("replayed", Json::Truth(printed.reply.replayed()))
      .Add("log_index", Json::Number(IndexOf(printed.reply)))
      .Add("log_size", Json::Number(printed.made.proven.checkpoint.size));
  if (!printed.options.receipt.empty()) {
    json.Add("receipt", Json::Text(printed.options.receipt));
  }
  return json.Build().text() + "\n";
}

void Print(Format format, const Printed& printed) {
  const std::string text =
      format == Format::kJson ? InJson(printed) : InText(printed);
  if (IsStandardOutput(printed.options.output) ||
      IsStandardOutput(printed.options.receipt) ||
      IsStandardOutput(printed.options.otp)) {
    std::fputs(text.c_str(), stderr);
    return;
  }
  PrintResult(text);
}

}  // namespace

void DeclarePackageOptions(CLI::App& app, SignOptions& options) {
  app.add_option("--component", options.components,
                 "NAME=FILE for each image of a package, in place of a "
                 "payload; names as fiptool's (tos-fw, nt-fw, fw-config, ...), "
                 "or bl32, bl33")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--non-trusted-counter", options.non_trusted_counter,
                 "of a package: must be the security counter, as the chip has "
                 "one register for both")
      ->transform(WholeNumber32());
  app.add_option("--valid-from", options.valid_from,
                 "of a package's certificates, such as 2026-01-31T00:00:00Z; "
                 "default: as the target says")
      ->check(NotEmpty());
  app.add_option("--otp", options.otp,
                 "of a first stage: write the words that are to be fused; "
                 "wants --profile, as the server's word is not enough")
      ->check(NotEmpty());
}

absl::StatusOr<ExitStatus> SignPackage(Context& context,
                                       const SignOptions& options) {
  ASSIGN_OR_RETURN(const Prepared prepared, Prepare(options));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  ASSIGN_OR_RETURN(const v1::SignReply reply,
                   RequestApprovedSignature(
                       *connection, prepared.order,
                       absl::Seconds(options.timeout_seconds), prepared.wait));
  ASSIGN_OR_RETURN(const Made made, AcceptPackage(prepared, reply, key));
  const std::string& id = prepared.order.header.request_id();
  RETURN_IF_ERROR(
      AfterSigning(memory.Accept(*connection, made.proven.checkpoint,
                                 absl::Seconds(options.timeout_seconds)),
                   id));
  RETURN_IF_ERROR(AfterSigning(WriteFiles(options, reply, made, ""), id));
  Print(context.format(), {options, prepared.order, reply, made});
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> KeepFirstStage(Context& context,
                                          const Connection& connection,
                                          const LogMemory& memory,
                                          const LogKey& key,
                                          const FirstStageReply& answered) {
  ASSIGN_OR_RETURN(const Made made, AcceptFirstStage(answered, key));
  // Out of the profile that the caller keeps, or not at all: what is fused for
  // good is not the server's to say.
  std::vector<image::host::OtpWord> words;
  if (answered.pinned) {
    auto known = package::OtpWordsOf(*answered.pinned);
    if (!known.ok() && !answered.options.otp.empty()) return known.status();
    if (known.ok()) words = *std::move(known);
  }
  const std::string& id = answered.order.header.request_id();
  RETURN_IF_ERROR(AfterSigning(
      memory.Accept(connection, made.proven.checkpoint,
                    absl::Seconds(answered.options.timeout_seconds)),
      id));
  RETURN_IF_ERROR(AfterSigning(WriteFiles(answered.options, answered.reply,
                                          made, package::FormatOtpWords(words)),
                               id));
  Print(context.format(),
        {answered.options, answered.order, answered.reply, made, words});
  return ExitStatus::kDone;
}

}  // namespace bootseal::cli

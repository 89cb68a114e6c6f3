#include "client/cli/imgtool_server.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/approval_wait.h"
#include "client/cli/device_key.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/exit_status.h"
#include "client/cli/imgtool_checks.h"
#include "client/cli/imgtool_target.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/cli/people_wait.h"
#include "client/cli/profile_source.h"
#include "client/cli/release.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "client/cli/vector_table.h"
#include "client/imgtool/commands.h"
#include "client/imgtool/image.h"
#include "client/imgtool/input.h"
#include "client/imgtool/message.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/sign.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using imgtool::SignOptions;

constexpr absl::string_view kKeyPrefix = "key/";
constexpr absl::Duration kLimit = absl::Minutes(5);  // that of bootseal sign

std::string NamesOf(const std::vector<v1::Profile>& profiles) {
  std::vector<std::string> names;
  for (const v1::Profile& profile : profiles) {
    names.push_back(Printable(profile.target().name()));
  }
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

// A line without --pad is not one for a target that pads, though it would have
// been filled in had it named that target.
bool HasItsPadding(const imgtool::ServerOrder& order,
                   const v1::Profile& profile) {
  const bool pads =
      PaddingOf(profile.target().mcuboot()) != imgtool::Padding::kNone;
  return pads == (order.options.padding != imgtool::Padding::kNone);
}

template <typename Condition>
std::vector<v1::Profile> Select(const std::vector<v1::Profile>& profiles,
                                Condition condition) {
  std::vector<v1::Profile> selected;
  std::copy_if(profiles.begin(), profiles.end(), std::back_inserter(selected),
               condition);
  return selected;
}

std::string WhyNot(const imgtool::ServerOrder& order,
                   const v1::Profile& profile) {
  const absl::Status status = CheckAgainstTarget(order, profile);
  if (!status.ok()) return std::string(status.message());
  if (HasItsPadding(order, profile)) return {};
  return absl::StrCat("target ", Printable(profile.target().name()),
                      " pads, and the command line has none of --pad, --test "
                      "and --confirm");
}

// Of those that do not fit, each with all that contradicts it.
std::string WhyNone(const imgtool::ServerOrder& order,
                    const std::vector<v1::Profile>& users) {
  std::string text;
  for (const v1::Profile& profile : users) {
    const std::string why = WhyNot(order, profile);
    if (!why.empty()) absl::StrAppend(&text, "; ", why);
  }
  return text;
}

absl::StatusOr<v1::Profile> FindByKey(const std::vector<v1::Profile>& profiles,
                                      const imgtool::ServerOrder& order,
                                      absl::string_view key) {
  const std::vector<v1::Profile> users =
      Select(profiles, [&](const v1::Profile& profile) {
        return profile.target().key() == key;
      });
  if (users.size() == 1) return users.front();
  if (users.empty()) {
    return base::NotFound(
        "KEY_UNUSED",
        absl::StrCat("no target that we may ask for has a key named \"",
                     Printable(key), "\"; there are: ", NamesOf(profiles)));
  }
  // What contradicts a single one is said later, with its reasons.
  std::vector<v1::Profile> fitting =
      Select(users, [&](const v1::Profile& profile) {
        return HasItsPadding(order, profile);
      });
  if (fitting.size() > 1) {
    fitting = Select(fitting, [&](const v1::Profile& profile) {
      return CheckAgainstTarget(order, profile).ok();
    });
  }
  if (fitting.size() == 1) return fitting.front();
  return base::Invalid(
      "KEY_AMBIGUOUS", "--key",
      absl::StrCat("key ", Printable(key), " has ", users.size(),
                   " targets, of which ", fitting.size(),
                   " fit this command line, expected one; give -k bootseal: "
                   "and one of: ",
                   NamesOf(users), WhyNone(order, users)));
}

// Of the input, in memory and with what its header needs.
struct Material {
  SignOptions options;
  imgtool::Input input;
  std::string payload;  // as the target takes it
  std::optional<imgtool::DeviceKey> device;
};

absl::Status CheckAddress(const Material& material) {
  if (!IsHexPath(material.options.output)) return absl::OkStatus();
  const SignOptions& options = material.options;
  const std::uint64_t size = std::max<std::uint64_t>(
      PaddedSize(options.header_size + material.input.payload.size()),
      options.padding == imgtool::Padding::kNone ? 0 : options.slot_size);
  const std::uint64_t address = material.input.address.value_or(0);
  if (address + size <= std::uint64_t{1} << 32) return absl::OkStatus();
  return base::Invalid(
      "HEX_ADDRESS", "--hex-addr",
      absl::StrCat(HexNumber(size), " bytes at ", HexNumber(address),
                   " leave the 32-bit address space"));
}

// The target says where the header goes. imgtool keeps the zeros of an input
// with room, the server fills in front with what erased flash reads as: not the
// same image.
absl::Status CheckNoRoom(const SignOptions& options, absl::string_view payload,
                         const v1::Target& target) {
  if (!imgtool::HasHeaderRoom(options, payload)) return absl::OkStatus();
  return base::Invalid(
      "HEADER_ROOM_UNWANTED", "--pad-header",
      absl::StrCat("target ", Printable(target.name()),
                   " puts the header in front of the payload, and input ",
                   options.input, " starts with ",
                   HexNumber(options.header_size),
                   " zero bytes of room for it; give --pad-header if they are "
                   "payload, or set payload_has_header_room in the target"));
}

absl::StatusOr<Material> LoadMaterial(const imgtool::ServerOrder& order,
                                      const v1::Profile& profile) {
  Material material{WithLayout(order, profile), {}, {}, {}};
  if (!material.options.encryption_key.empty()) {
    ASSIGN_OR_RETURN(material.device,
                     LoadDeviceKey(material.options.encryption_key,
                                   profile.target(), imgtool::AskPassphrase));
  }
  const bool takes_room = profile.target().mcuboot().payload_has_header_room();
  const bool fills_in = !takes_room && !material.options.pad_header;
  if (fills_in) material.options.pad_header = true;
  // Once: it may be a pipe.
  ASSIGN_OR_RETURN(material.input, imgtool::LoadInput(material.options));
  if (fills_in) {
    RETURN_IF_ERROR(CheckNoRoom(material.options, material.input.payload,
                                profile.target()));
  }
  if (takes_room) material.payload.resize(material.options.header_size, 0);
  material.payload += material.input.payload;
  RETURN_IF_ERROR(CheckAddress(material));
  return material;
}

absl::Status CheckPlaces(const SignOptions& options) {
  RETURN_IF_ERROR(CheckOutput(options.output));
  if (options.signature_output.empty()) return absl::OkStatus();
  return CheckOutput(options.signature_output);
}

absl::StatusOr<Order> OrderOf(const Material& material,
                              const v1::Profile& profile) {
  const SignOptions& options = material.options;
  v1::SignHeader header;
  header.set_target(profile.target().name());
  header.set_version(image::host::FormatVersion(options.version));
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  for (const v1::VendorTlv& tlv :
       RequestTlvs(options, profile.target().mcuboot())) {
    *header.add_vendor_tlvs() = tlv;
  }
  header.set_encrypted(material.device.has_value());
  header.set_request_id(RandomRequestId());
  SentPayload payload{material.payload};
  if (options.compression != imgtool::Compression::kNone) {
    ASSIGN_OR_RETURN(payload, CompressFor(profile, material.payload));
  }
  if (material.device) {
    payload = PaddedForCipher(profile.target().mcuboot(), std::move(payload));
  }
  return MakeOrder(std::move(header), std::move(payload));
}

// The trailer of a HEX file is made here; it must be the one that was accepted.
absl::Status CheckFill(const SignOptions& options,
                       const AssembledImage& image) {
  if (options.padding == imgtool::Padding::kNone) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::string padded,
      imgtool::Pad(options, image.bytes.substr(0, image.image_end)));
  if (padded == image.bytes) return absl::OkStatus();
  return base::Precondition("REPLY_MISMATCH",
                            "the reply's fill and trailer are not those of "
                            "the target that was asked for");
}

// The file that was accepted; as Intel HEX, the cells that imgtool writes.
absl::StatusOr<std::string> FileOf(const Material& material,
                                   const Release& release) {
  if (!IsHexPath(material.options.output)) return release.image.bytes;
  RETURN_IF_ERROR(CheckFill(material.options, release.image));
  return imgtool::FileContent(
      material.options, material.input.address,
      release.image.bytes.substr(0, release.image.image_end));
}

void WarnOfVectors(const v1::Target& target, const std::string& payload) {
  for (const std::string& warning : VectorTableWarnings(target, payload)) {
    imgtool::Warn(warning);
  }
}

absl::StatusOr<Release> Ask(Context& context, const Connection& connection,
                            const Material& material,
                            const v1::Profile& profile) {
  // imgtool's command line has no word for it.
  ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(""));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  ASSIGN_OR_RETURN(const Order order, OrderOf(material, profile));
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   RequestApprovedSignature(connection, order, kLimit, wait));
  auto accepted =
      Accept(connection, order, std::move(reply), key, memory, profile, kLimit);
  if (!accepted.ok()) {
    // imgtool's command line has no word for a request either.
    return AfterLogging(
        accepted.status(),
        absl::StrCat("the signature of request ", order.header.request_id()),
        "the same command signs once more");
  }
  Release release = *std::move(accepted);
  if (!material.device) return release;
  ASSIGN_OR_RETURN(
      release.image,
      EncryptImage(release.image, release.reply, *material.device,
                   material.options.clear ? PayloadForm::kClear
                                          : PayloadForm::kEncrypted));
  return release;
}

}  // namespace

absl::StatusOr<v1::Profile> FindSigner(const std::vector<v1::Profile>& profiles,
                                       const imgtool::ServerOrder& order) {
  const std::string& signer = order.signer;
  if (absl::StartsWith(signer, kKeyPrefix)) {
    return FindByKey(profiles, order, signer.substr(kKeyPrefix.size()));
  }
  for (const v1::Profile& profile : profiles) {
    if (profile.target().name() == signer) return profile;
  }
  return base::NotFound(
      "UNKNOWN_TARGET",
      absl::StrCat("no target named \"", Printable(signer),
                   "\" that we may ask for; there are: ", NamesOf(profiles)));
}

namespace {

absl::StatusOr<v1::Profile> FindServing(
    const std::vector<ListedTarget>& targets,
    const imgtool::ServerOrder& order) {
  std::vector<v1::Profile> profiles;
  for (const ListedTarget& each : targets) profiles.push_back(each.profile);
  ASSIGN_OR_RETURN(v1::Profile found, FindSigner(profiles, order));
  for (const ListedTarget& each : targets) {
    if (each.profile.target().name() != found.target().name()) continue;
    RETURN_IF_ERROR(each.serving);
  }
  return found;
}

}  // namespace

absl::Status SignImageOnServer(Context& context,
                               const imgtool::ServerOrder& given) {
  imgtool::ServerOrder order = given;
  ASSIGN_OR_RETURN(order.options, imgtool::WithCustomFiles(order.options));
  RETURN_IF_ERROR(CheckPlaces(order.options));
  RETURN_IF_ERROR(context.ReadLogKey().status());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::vector<ListedTarget> targets,
                   FetchTargets(*connection));
  ASSIGN_OR_RETURN(const v1::Profile profile, FindServing(targets, order));
  RETURN_IF_ERROR(CheckAgainstTarget(order, profile));
  ASSIGN_OR_RETURN(const Material material, LoadMaterial(order, profile));
  ASSIGN_OR_RETURN(const Release release,
                   Ask(context, *connection, material, profile));
  // The policy may have changed since the targets were listed.
  RETURN_IF_ERROR(CheckAgainstTarget(order, release.reply.profile()));
  ASSIGN_OR_RETURN(const std::string file, FileOf(material, release));
  RETURN_IF_ERROR(
      imgtool::WriteSigned(material.options, file, SignatureOf(release)));
  WarnOfVectors(profile.target(), material.payload);
  return absl::OkStatus();
}

absl::Status WithImgtoolExit(const absl::Status& status) {
  if (ExitStatusOf(status) == ExitStatus::kWaiting) return status;
  return WithExit(status, ExitStatus{imgtool::ExitStatusOf(status)});
}

}  // namespace bootseal::cli

#include "client/imgtool/input.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/payload.h"
#include "client/cli/text.h"
#include "client/imgtool/message.h"

namespace bootseal::imgtool {
namespace {

using cli::HexNumber;
using cli::LoadedBytes;

// imgtool puts a second header before one that is there.
absl::StatusOr<LoadedBytes> Load(const SignOptions& options) {
  if (options.imgtool_compatible) return cli::LoadBytes(options.input);
  ASSIGN_OR_RETURN(cli::Payload payload, cli::LoadPayload(options.input));
  for (const std::string& warning : payload.warnings) Warn(warning);
  return std::move(payload.loaded);
}

absl::StatusOr<LoadedBytes> Named(absl::StatusOr<LoadedBytes> loaded) {
  if (loaded.ok() || !absl::IsNotFound(loaded.status())) return loaded;
  return base::Invalid("INPUT_NOT_FOUND", "infile", loaded.status().message());
}

absl::Status CheckHeaderRoom(const SignOptions& options,
                             absl::string_view bytes) {
  if (HasHeaderRoom(options, bytes)) return absl::OkStatus();
  return base::Invalid(
      "HEADER_ROOM", "--pad-header",
      absl::StrCat(
          "input ", options.input, " does not start with ",
          HexNumber(options.header_size),
          " zero bytes of room for the header; link it with that room, "
          "or give --pad-header"));
}

// Of the image: below the payload by the header that is put in front of it.
absl::StatusOr<std::optional<std::uint32_t>> AddressOf(
    const SignOptions& options, std::optional<std::uint32_t> address) {
  if (options.hex_address) return options.hex_address;
  if (!cli::IsHexPath(options.output)) return address;
  if (!address) {
    return base::Invalid("ADDRESS_MISSING", "--hex-addr",
                         absl::StrCat("output ", options.output,
                                      " needs an address; give -x/--hex-addr, "
                                      "or a .hex input"));
  }
  if (!options.pad_header) return address;
  if (*address >= options.header_size) return *address - options.header_size;
  if (*address == 0 && options.imgtool_compatible) return address;
  return base::Invalid(
      "ADDRESS_MISSING", "--hex-addr",
      absl::StrCat("input ", options.input, " lies at ", HexNumber(*address),
                   ", which leaves no room for a header of ",
                   HexNumber(options.header_size),
                   " bytes before it; give -x/--hex-addr"));
}

}  // namespace

bool HasHeaderRoom(const SignOptions& options, absl::string_view bytes) {
  const absl::string_view room = bytes.substr(0, options.header_size);
  return room.size() == options.header_size &&
         std::all_of(room.begin(), room.end(), [](char c) { return c == 0; });
}

absl::StatusOr<Input> LoadInput(const SignOptions& options) {
  ASSIGN_OR_RETURN(LoadedBytes loaded, Named(Load(options)));
  Input input;
  ASSIGN_OR_RETURN(input.address, AddressOf(options, loaded.address));
  if (!options.pad_header) {
    RETURN_IF_ERROR(CheckHeaderRoom(options, loaded.bytes));
    loaded.bytes.erase(0, options.header_size);
  }
  if (loaded.bytes.empty()) {
    return base::Invalid("PAYLOAD_EMPTY", "infile",
                         absl::StrCat("input ", options.input,
                                      " has nothing behind its header"));
  }
  input.payload = std::move(loaded.bytes);
  return input;
}

absl::StatusOr<SignOptions> WithCustomFiles(SignOptions options) {
  constexpr std::size_t kMost = image::mcuboot::kMaxTlvAreaBytes;
  for (CustomTlv& tlv : options.custom) {
    if (tlv.path.empty()) continue;
    ASSIGN_OR_RETURN(tlv.value, base::ReadFile(tlv.path, kMost));
  }
  return options;
}

}  // namespace bootseal::imgtool

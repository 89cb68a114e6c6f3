#include "client/approval/recompute.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/openssl.h"
#include "base/status.h"
#include "client/approval/capsule_words.h"
#include "client/approval/package_words.h"
#include "client/approval/release_words.h"
#include "client/release/manifest_words.h"

namespace bootseal::approval {
namespace {

constexpr std::size_t kBytesOfALine = 32;
constexpr std::size_t kPieceBytes = 64 << 10;

const EVP_MD* HashOf(const v1::SignedDigest& digest) {
  if (digest.digest().size() == 64) return EVP_sha512();
  return digest.digest().size() == 48 ? EVP_sha384() : EVP_sha256();
}

std::string Hash(const EVP_MD* hash, absl::string_view text) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  EVP_Digest(text.data(), text.size(),
             reinterpret_cast<unsigned char*>(digest.data()), nullptr, hash,
             nullptr);
  return digest;
}

void Add(absl::string_view bytes, EVP_MD_CTX* context) {
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
}

// In pieces: a server may speak of 4 GiB of them.
void AddRepeated(std::uint64_t count, std::uint32_t byte, EVP_MD_CTX* context) {
  const std::string piece(std::min<std::uint64_t>(count, kPieceBytes),
                          static_cast<char>(byte));
  while (count > 0) {
    const std::uint64_t size = std::min<std::uint64_t>(count, kPieceBytes);
    Add(absl::string_view(piece).substr(0, size), context);
    count -= size;
  }
}

// Of what is signed, with this for the payload.
std::string DigestOver(const v1::SignedDigest& digest,
                       absl::string_view payload) {
  const v1::Preimage& preimage = digest.preimage();
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), HashOf(digest), nullptr);
  Add(preimage.header(), context.get());
  AddRepeated(preimage.padding_bytes(), preimage.padding_byte(), context.get());
  Add(payload, context.get());
  AddRepeated(preimage.payload_padding_bytes(), 0, context.get());
  Add(preimage.protected_tlvs(), context.get());
  std::array<unsigned char, EVP_MAX_MD_SIZE> buffer{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), buffer.data(), &size);
  return {reinterpret_cast<const char*>(buffer.data()), size};
}

// printf with octal escapes: the only ones that POSIX has.
std::string Printf(absl::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += kBytesOfALine) {
    absl::StrAppend(&text, "  printf '");
    for (const char c : bytes.substr(at, kBytesOfALine)) {
      absl::StrAppendFormat(&text, "\\%03o", static_cast<unsigned char>(c));
    }
    absl::StrAppend(&text, "'\n");
  }
  return text;
}

std::string Repeated(std::uint32_t count, std::uint32_t byte) {
  if (count == 0) return "";
  const std::string zeros = absl::StrCat("  head -c ", count, " /dev/zero");
  return byte == 0 ? zeros + "\n"
                   : absl::StrFormat("%s | tr '\\000' '\\%03o'\n", zeros, byte);
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition("PAYLOAD_MISMATCH", message);
}

// The payload without the room that is not in the image.
absl::StatusOr<absl::string_view> InImage(const Pending& pending,
                                          absl::string_view payload) {
  const Image& image = *pending.image;
  const std::uint64_t held =
      image.header.image_size -
      DigestOf(pending).preimage().payload_padding_bytes();
  if (image.compressed && payload.size() == held + image.header.header_size) {
    return payload.substr(image.header.header_size);
  }
  if (payload.size() != held + image.room) {
    return Mismatch(absl::StrCat("the payload has ", payload.size(),
                                 " bytes, and the request is over ",
                                 held + image.room));
  }
  return payload.substr(image.room);
}

absl::Status CheckSha256(const Pending& pending, absl::string_view payload) {
  const std::string computed = Hash(EVP_sha256(), payload);
  const std::string& stated = pending.entry.signing().payload_sha256();
  if (computed == stated) return absl::OkStatus();
  return Mismatch(absl::StrCat(
      "the payload has SHA-256 ", absl::BytesToHexString(computed),
      ", and the request is over ", absl::BytesToHexString(stated)));
}

absl::Status CheckSent(const Pending& pending, absl::string_view payload) {
  if (pending.image->compressed) return absl::OkStatus();
  return CheckSha256(pending, payload);
}

absl::Status CheckDigestOver(const Pending& pending, absl::string_view held) {
  const v1::SignedDigest& digest = DigestOf(pending);
  const std::string computed = DigestOver(digest, held);
  if (computed == digest.digest()) return absl::OkStatus();
  return Mismatch(absl::StrCat(
      "the digest over this payload is ", absl::BytesToHexString(computed),
      ", and the request is for ", absl::BytesToHexString(digest.digest())));
}

absl::Status CheckFirstStage(const Pending& pending,
                             absl::string_view payload) {
  RETURN_IF_ERROR(CheckSha256(pending, payload));
  return CheckDigestOver(pending, payload);
}

// Of a verdict the payload is the envelope of the release that it is on.
absl::Status CheckManifest(const Pending& pending, absl::string_view payload) {
  RETURN_IF_ERROR(CheckSha256(pending, payload));
  const auto manifest = release::ReadUnproven(payload);
  if (!manifest.ok()) return Mismatch(manifest.status().message());
  if (image::host::ReleaseDigest(*manifest) ==
      pending.verdict->release_sha256) {
    return absl::OkStatus();
  }
  return Mismatch("the verdict is on another release than the payload's");
}

}  // namespace

std::string RecomputeCommands(const Pending& pending) {
  if (pending.release) return RecomputeReleaseCommands(pending);
  if (pending.verdict) return RecomputeVerdictCommands(pending);
  if (pending.capsule) return RecomputeCapsuleCommands(pending);
  if (pending.package) return RecomputePackageCommands(pending);
  const v1::SignedDigest& digest = DigestOf(pending);
  const v1::Preimage& preimage = digest.preimage();
  const std::uint64_t room = pending.image ? pending.image->room : 0;
  return absl::StrCat(
      "{\n", Printf(preimage.header()),
      Repeated(preimage.padding_bytes(), preimage.padding_byte()),
      room == 0 ? std::string("  cat payload.bin\n")
                : absl::StrCat("  tail -c +", room + 1, " payload.bin\n"),
      Repeated(preimage.payload_padding_bytes(), 0),
      Printf(preimage.protected_tlvs()), "} | sha", 8 * digest.digest().size(),
      "sum\n");
}

absl::Status CheckPayload(const Pending& pending, absl::string_view payload) {
  if (pending.release || pending.package) {
    return Mismatch(
        "the request is about several files; give them with --component");
  }
  if (pending.verdict) return CheckManifest(pending, payload);
  if (pending.capsule) return CheckFirmware(pending, payload);
  if (pending.first_stage) return CheckFirstStage(pending, payload);
  if (!pending.image) {
    return Mismatch("the request is about a key, and has no payload");
  }
  ASSIGN_OR_RETURN(const absl::string_view held, InImage(pending, payload));
  RETURN_IF_ERROR(CheckSent(pending, payload));
  return CheckDigestOver(pending, held);
}

}  // namespace bootseal::approval

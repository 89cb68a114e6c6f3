#include "firmware/image/host/mcuboot_signature.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

using enum CryptoLibrary;

constexpr CryptoLibrary kAll[] = {kMbedTls, kTinyCrypt, kPsa};
constexpr CryptoLibrary kRsa[] = {kMbedTls, kPsa};
constexpr CryptoLibrary kP384[] = {kPsa};

constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kInteger = 0x02;
// MCUboot's buffer for any ECDSA signature.
constexpr std::size_t kSignatureBuffer = 128;

std::uint8_t At(Bytes bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// A cursor of mbedTLS' ASN.1 parser: lengths may be longer than they need be.
class Asn1 {
 public:
  explicit Asn1(Bytes bytes) : rest_(bytes) {}

  Bytes rest() const { return rest_; }

  // The bytes of what has this tag; they stay in the cursor.
  std::optional<std::size_t> Enter(std::uint8_t tag) {
    if (rest_.size() < 2 || At(rest_, 0) != tag) return std::nullopt;
    std::size_t length = At(rest_, 1);
    rest_ = rest_.subspan(2);
    if (length >= 0x80) {
      const std::size_t count = length & 0x7f;
      if (count == 0 || count > 4 || count > rest_.size()) return std::nullopt;
      length = 0;
      for (std::size_t i = 0; i < count; ++i) {
        length = length << 8 | At(rest_, i);
      }
      rest_ = rest_.subspan(count);
    }
    if (length > rest_.size()) return std::nullopt;
    return length;
  }

  std::optional<Bytes> Take(std::uint8_t tag) {
    const std::optional<std::size_t> length = Enter(tag);
    if (!length) return std::nullopt;
    const Bytes taken = rest_.first(*length);
    rest_ = rest_.subspan(*length);
    return taken;
  }

 private:
  Bytes rest_;
};

// The last `size` bytes, with zeros in front of fewer.
std::string LastBytes(Bytes number, std::size_t size) {
  const std::size_t kept = std::min(number.size(), size);
  return absl::StrCat(std::string(size - kept, '\0'),
                      ToString(number.last(kept)));
}

// What is cut off in front must be zero: the number counts, not its length.
std::optional<std::string> NumberOf(Bytes number, std::size_t size) {
  while (number.size() > size) {
    if (At(number, 0) != 0) return std::nullopt;
    number = number.subspan(1);
  }
  return LastBytes(number, size);
}

std::optional<std::string> AsMbedTls(Bytes signature, std::size_t size) {
  Asn1 cursor(signature);
  const std::optional<std::size_t> length = cursor.Enter(kSequence);
  if (!length || *length != cursor.rest().size()) return std::nullopt;
  const std::optional<Bytes> r = cursor.Take(kInteger);
  if (!r) return std::nullopt;
  const std::optional<Bytes> s = cursor.Take(kInteger);
  if (!s || !cursor.rest().empty()) return std::nullopt;
  const std::optional<std::string> first = NumberOf(*r, size);
  const std::optional<std::string> second = NumberOf(*s, size);
  if (!first || !second) return std::nullopt;
  return absl::StrCat(*first, *second);
}

// Looks at no byte after s, and at no more than the last 32 of r and s.
std::optional<std::string> AsTinyCrypt(Bytes signature, std::size_t size) {
  Asn1 cursor(signature);
  if (!cursor.Enter(kSequence)) return std::nullopt;
  const std::optional<Bytes> r = cursor.Take(kInteger);
  if (!r) return std::nullopt;
  const std::optional<Bytes> s = cursor.Take(kInteger);
  if (!s) return std::nullopt;
  return absl::StrCat(LastBytes(*r, size), LastBytes(*s, size));
}

// Reads lengths where a short form has them and looks at no tag. An odd length
// is taken for one leading zero. The buffer behind the signature holds whatever
// was there: taken as zero, which verifies no more than anything else.
std::optional<std::string> AsPsa(Bytes signature, std::size_t size) {
  std::array<std::byte, kSignatureBuffer> storage{};
  Copy(signature, storage);
  Bytes rest(storage);
  std::size_t r_size = At(rest, 3);
  rest = rest.subspan(4);
  if (r_size > rest.size()) return std::nullopt;
  const std::string r = LastBytes(rest.first(r_size), size);
  if (r_size >= size) {
    rest = rest.subspan(r_size - size);
    if (r_size % 2 == 1) --r_size;
  }
  if (r_size + 2 > rest.size()) return std::nullopt;
  const std::size_t s_size = At(rest, r_size + 1);
  rest = rest.subspan(r_size + 2);
  if (s_size > rest.size()) return std::nullopt;
  return absl::StrCat(r, LastBytes(rest.first(s_size), size));
}

std::string DerInteger(Bytes number) {
  while (number.size() > 1 && At(number, 0) == 0) number = number.subspan(1);
  std::string value = ToString(number);
  if (!number.empty() && At(number, 0) >= 0x80) value.insert(0, 1, '\0');
  return absl::StrCat(std::string{kInteger, static_cast<char>(value.size())},
                      value);
}

}  // namespace

const char* NameOf(CryptoLibrary library) {
  switch (library) {
    case kMbedTls:
      return "mbedTLS";
    case kTinyCrypt:
      return "TinyCrypt";
    case kPsa:
      return "PSA";
  }
  return "";
}

std::span<const CryptoLibrary> LibrariesFor(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      return kRsa;
    case Algorithm::kP384:
      return kP384;
    case Algorithm::kP256:
    case Algorithm::kEd25519:
    case Algorithm::kBrainpoolP256t1:
      break;
  }
  return kAll;
}

std::optional<std::string> ReadSignatureAs(CryptoLibrary library,
                                           Bytes signature,
                                           std::size_t coordinate) {
  switch (library) {
    case kMbedTls:
      return AsMbedTls(signature, coordinate);
    case kTinyCrypt:
      return AsTinyCrypt(signature, coordinate);
    case kPsa:
      return AsPsa(signature, coordinate);
  }
  return std::nullopt;
}

std::string DerOfRaw(Bytes raw) {
  const std::size_t half = raw.size() / 2;
  const std::string body =
      absl::StrCat(DerInteger(raw.first(half)), DerInteger(raw.subspan(half)));
  return absl::StrCat(std::string{kSequence, static_cast<char>(body.size())},
                      body);
}

bool Accepts(CryptoLibrary library, Algorithm algorithm, Bytes public_key,
             Bytes message, Bytes signature) {
  const std::size_t coordinate = CoordinateSize(algorithm);
  if (coordinate == 0) {
    return VerifySignature(algorithm, public_key, message, signature) ==
           Error::kOk;
  }
  const std::optional<std::string> raw =
      ReadSignatureAs(library, signature, coordinate);
  return raw && VerifySignature(algorithm, public_key, message,
                                AsBytes(DerOfRaw(AsBytes(*raw)))) == Error::kOk;
}

}  // namespace bootseal::image::host

#include "firmware/image/certificate/certificate.h"

#include "firmware/image/certificate/encoding.h"
#include "firmware/image/der.h"

namespace bootseal::image::certificate {
namespace {

constexpr std::size_t kMaxNameBytes = 64;  // RFC 5280, ub-common-name

bool TakeExactly(Reader& reader, Bytes expected) {
  return Equal(reader.Take(expected.size()), expected);
}

// The element with its tag and length.
Bytes TakeWhole(Reader& reader, std::uint8_t tag) {
  const Bytes before = reader.rest();
  TakeElement(reader, tag);
  if (!reader.ok()) return {};
  return before.first(before.size() - reader.rest().size());
}

// Positive, minimal; its magnitude, empty otherwise.
Bytes TakePositive(Reader& reader) {
  constexpr std::byte kSign{0x80};
  const Bytes content = TakeElement(reader, tag::kInteger);
  if (content.empty() || (content[0] & kSign) != std::byte{0}) return {};
  if (content[0] != std::byte{0}) return content;
  const Bytes magnitude = content.subspan(1);
  const bool needed =
      !magnitude.empty() && (magnitude[0] & kSign) != std::byte{0};
  return needed ? magnitude : Bytes();
}

Bytes TakeName(Reader& reader) {
  Reader name(TakeElement(reader, tag::kSequence));
  Reader set(TakeElement(name, tag::kSet));
  Reader attribute(TakeElement(set, tag::kSequence));
  if (!TakeExactly(attribute, kCommonName)) return {};
  const Bytes text = TakeElement(attribute, tag::kUtf8String);
  return name.done() && set.done() && attribute.done() ? text : Bytes();
}

// `count` decimal digits; more than any field holds when one is none.
std::uint16_t TakeNumber(Reader& reader, std::size_t count) {
  std::uint16_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t digit = static_cast<std::uint8_t>(reader.U8() - '0');
    if (digit > 9) return 0xffff;
    value = static_cast<std::uint16_t>(value * 10 + digit);
  }
  return value;
}

// Two digits, or a number that no field of a time may have.
std::uint8_t TakeField(Reader& reader) {
  const std::uint16_t value = TakeNumber(reader, 2);
  return value > 99 ? 0xff : static_cast<std::uint8_t>(value);
}

// Impossible when it is not in the one form that its year has.
Time TakeTime(Reader& reader) {
  const Bytes rest = reader.rest();
  const bool generalized =
      !rest.empty() && rest[0] == std::byte{tag::kGeneralizedTime};
  Reader text(
      TakeElement(reader, generalized ? tag::kGeneralizedTime : tag::kUtcTime));
  Time time;
  time.year = TakeNumber(text, generalized ? 4 : 2);
  if (!generalized) {
    time.year =
        static_cast<std::uint16_t>(time.year + (time.year < 50 ? 2000 : 1900));
  }
  time.month = TakeField(text);
  time.day = TakeField(text);
  time.hour = TakeField(text);
  time.minute = TakeField(text);
  time.second = TakeField(text);
  const bool zulu = text.U8() == 'Z';
  const bool right_form = generalized == (time.year >= kFirstGeneralizedYear);
  return zulu && text.done() && right_form ? time : Time();
}

Error TakeValidity(Reader& reader, Certificate& certificate) {
  Reader validity(TakeElement(reader, tag::kSequence));
  certificate.not_before = TakeTime(validity);
  certificate.not_after = TakeTime(validity);
  const bool sound = validity.done() && IsPossible(certificate.not_before) &&
                     IsPossible(certificate.not_after) &&
                     certificate.not_before <= certificate.not_after;
  return sound ? Error::kOk : Error::kCertificateForm;
}

// Serial to subject.
Error TakeIdentity(Reader& reader, Certificate& certificate) {
  if (!TakeExactly(reader, kVersion3)) return Error::kCertificateForm;
  certificate.serial = TakePositive(reader);
  if (!reader.ok()) return Error::kDer;
  if (certificate.serial.empty() ||
      certificate.serial.size() > kMaxSerialBytes) {
    return Error::kCertificateForm;
  }
  const Bytes algorithm = TakeElement(reader, tag::kSequence);
  if (!reader.ok()) return Error::kDer;
  if (!Equal(algorithm, kEcdsaWithSha256)) return Error::kCertificateAlgorithm;
  certificate.common_name = TakeName(reader);
  if (!IsPossibleName(certificate.common_name)) return Error::kCertificateForm;
  BOOTSEAL_TRY(TakeValidity(reader, certificate));
  const Bytes subject = TakeName(reader);
  return Equal(subject, certificate.common_name) ? Error::kOk
                                                 : Error::kCertificateForm;
}

// What follows the arc in an object identifier: one number, shortest form.
std::uint16_t ReadId(Bytes bytes) {
  constexpr std::uint8_t kMore = 0x80;
  Reader reader(bytes);
  const std::uint8_t first = reader.U8();
  if (first < kMore) return reader.done() ? first : std::uint16_t{0};
  const std::uint8_t second = reader.U8();
  const bool sound = reader.done() && first != kMore && second < kMore;
  return sound ? static_cast<std::uint16_t>((first - kMore) << 7 | second)
               : std::uint16_t{0};
}

Error ReadCounter(Bytes value, Extension& extension) {
  Reader reader(value);
  const Bytes content = TakeElement(reader, tag::kInteger);
  const bool zero = content.size() == 1 && content[0] == std::byte{0};
  Reader again(value);
  const Bytes magnitude = zero ? content : TakePositive(again);
  if (!reader.done() || magnitude.empty() || magnitude.size() > 4) {
    return Error::kCertificateExtension;
  }
  for (const std::byte byte : magnitude) {
    extension.counter =
        extension.counter << 8 | static_cast<std::uint32_t>(byte);
  }
  return extension.counter <= kMaxCounter ? Error::kOk
                                          : Error::kCertificateExtension;
}

Error ReadHash(Bytes value, Extension& extension) {
  Reader reader(value);
  if (!TakeExactly(reader, kSha256Info)) return Error::kCertificateExtension;
  extension.hash = reader.Take(kDigestBytes);
  return reader.done() ? Error::kOk : Error::kCertificateExtension;
}

Error ReadValue(Bytes value, Extension& extension) {
  switch (KindOf(extension.id)) {
    case ExtensionKind::kCounter:
      return ReadCounter(value, extension);
    case ExtensionKind::kHash:
      return ReadHash(value, extension);
    case ExtensionKind::kKey: {
      const Result<PublicKey> key = ReadPublicKey(value);
      if (!key.ok()) return key.error();
      extension.key = *key;
      return Error::kOk;
    }
    case ExtensionKind::kUnknown:
      break;
  }
  return Error::kCertificateExtension;
}

Error TakeExtension(Reader& reader, Certificate& certificate) {
  Reader fields(TakeElement(reader, tag::kSequence));
  Reader name(TakeElement(fields, tag::kObjectId));
  const bool critical = TakeExactly(fields, kCritical);
  const Bytes value = TakeElement(fields, tag::kOctetString);
  if (!fields.done()) return Error::kCertificateExtension;
  if (!critical || !TakeExactly(name, kExtensionArc)) {
    return Error::kCertificateExtension;
  }
  Extension extension;
  extension.id = ReadId(name.rest());
  if (FindExtension(certificate, extension.id) != nullptr ||
      certificate.count == kMaxExtensions) {
    return Error::kCertificateExtension;
  }
  BOOTSEAL_TRY(ReadValue(value, extension));
  certificate.storage[certificate.count++] = extension;
  return Error::kOk;
}

// Those of X.509, which say nothing that is judged, in the order of
// cert_create.
Error TakeStandardExtensions(Reader& reader, Certificate& certificate) {
  if (!TakeExactly(reader, kSubjectKeyId)) return Error::kCertificateForm;
  certificate.key_id = reader.Take(kKeyIdBytes);
  if (!TakeExactly(reader, kAuthorityKeyId)) return Error::kCertificateForm;
  const Bytes authority = reader.Take(kKeyIdBytes);
  if (!TakeExactly(reader, kBasicConstraints)) return Error::kCertificateForm;
  return Equal(authority, certificate.key_id) ? Error::kOk
                                              : Error::kCertificateForm;
}

Error TakeExtensions(Reader& reader, Certificate& certificate) {
  Reader outer(TakeElement(reader, tag::kExtensions));
  Reader list(TakeElement(outer, tag::kSequence));
  if (!reader.done() || !outer.done() || !list.ok()) return Error::kDer;
  BOOTSEAL_TRY(TakeStandardExtensions(list, certificate));
  if (list.rest().empty()) return Error::kCertificateExtension;
  while (!list.rest().empty()) {
    BOOTSEAL_TRY(TakeExtension(list, certificate));
  }
  return Error::kOk;
}

Error ReadToBeSigned(Bytes content, Certificate& certificate) {
  Reader reader(content);
  BOOTSEAL_TRY(TakeIdentity(reader, certificate));
  const Bytes key = TakeWhole(reader, tag::kSequence);
  if (!reader.ok()) return Error::kDer;
  const Result<PublicKey> read = ReadPublicKey(key);
  if (!read.ok()) return read.error();
  certificate.key = *read;
  return TakeExtensions(reader, certificate);
}

// Algorithm and signature behind what is signed.
Error TakeSignature(Reader& reader, Certificate& certificate) {
  const Bytes algorithm = TakeElement(reader, tag::kSequence);
  Reader bits(TakeElement(reader, tag::kBitString));
  if (!reader.done()) return Error::kDer;
  if (!Equal(algorithm, kEcdsaWithSha256)) return Error::kCertificateAlgorithm;
  const bool whole_bytes = bits.U8() == 0;
  certificate.signature = bits.rest();
  const bool sound =
      whole_bytes && bits.ok() &&
      ReadEcdsaSignature(certificate.signature, kDigestBytes).ok();
  return sound ? Error::kOk : Error::kDer;
}

}  // namespace

ExtensionKind KindOf(std::uint16_t id) {
  switch (id) {
    case extension::kTrustedCounter:
    case extension::kNonTrustedCounter:
      return ExtensionKind::kCounter;
    case extension::kHwConfigHash:
    case extension::kFwConfigHash:
    case extension::kTosFwHash:
    case extension::kTosFwExtra1Hash:
    case extension::kTosFwExtra2Hash:
    case extension::kTosFwConfigHash:
    case extension::kNtFwHash:
    case extension::kNtFwConfigHash:
      return ExtensionKind::kHash;
    case extension::kTrustedWorldKey:
    case extension::kNonTrustedWorldKey:
    case extension::kTosFwContentKey:
    case extension::kNtFwContentKey:
      return ExtensionKind::kKey;
    default:
      return ExtensionKind::kUnknown;
  }
}

const Extension* FindExtension(const Certificate& certificate,
                               std::uint16_t id) {
  for (const Extension& extension : certificate.extensions()) {
    if (extension.id == id) return &extension;
  }
  return nullptr;
}

bool IsPossible(const Time& time) {
  constexpr std::uint8_t kDays[] = {31, 28, 31, 30, 31, 30,
                                    31, 31, 30, 31, 30, 31};
  if (time.year < 1950 || time.year > 9999) return false;
  if (time.month < 1 || time.month > 12) return false;
  const bool leap =
      time.year % 4 == 0 && (time.year % 100 != 0 || time.year % 400 == 0);
  const int days = kDays[time.month - 1] + (leap && time.month == 2 ? 1 : 0);
  return time.day >= 1 && time.day <= days && time.hour < 24 &&
         time.minute < 60 && time.second < 60;
}

bool IsPossibleName(Bytes common_name) {
  if (common_name.empty() || common_name.size() > kMaxNameBytes) return false;
  for (const std::byte byte : common_name) {
    if (byte < std::byte{' '} || byte > std::byte{'~'}) return false;
  }
  return true;
}

Result<Certificate> ReadCertificate(Bytes der) {
  if (der.size() > kMaxCertificateBytes) return Error::kDer;
  Reader outer(der);
  Reader parts(TakeElement(outer, tag::kSequence));
  if (!outer.done()) return Error::kDer;
  Certificate certificate;
  Reader again = parts;
  certificate.to_be_signed = TakeWhole(again, tag::kSequence);
  const Bytes content = TakeElement(parts, tag::kSequence);
  if (!parts.ok()) return Error::kDer;
  BOOTSEAL_TRY(ReadToBeSigned(content, certificate));
  BOOTSEAL_TRY(TakeSignature(parts, certificate));
  return certificate;
}

}  // namespace bootseal::image::certificate

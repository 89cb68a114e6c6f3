#include "firmware/image/certificate/certificate.h"
#include "firmware/image/certificate/encoding.h"
#include "firmware/image/der.h"

namespace bootseal::image::certificate {
namespace {

// DER from its end to its start, so that each length is known when it is
// written.
class BackWriter {
 public:
  explicit BackWriter(MutableBytes buffer)
      : buffer_(buffer), at_(buffer.size()) {}

  // Where what was written last begins.
  std::size_t at() const { return at_; }
  bool ok() const { return ok_; }
  Bytes written() const { return ok_ ? Bytes(buffer_.subspan(at_)) : Bytes(); }

  void Prepend(Bytes bytes) {
    if (bytes.size() > at_) {
      ok_ = false;
      return;
    }
    at_ -= bytes.size();
    Copy(bytes, buffer_.subspan(at_, bytes.size()));
  }
  void PrependByte(std::size_t value) {
    const std::byte byte = static_cast<std::byte>(value & 0xff);
    Prepend(Bytes(&byte, 1));
  }
  // Tag and length before what was written since `end` was at().
  void Close(std::uint8_t tag, std::size_t end) {
    const std::size_t length = end - at_;
    PrependByte(length);
    if (length > 0xff) PrependByte(length >> 8);
    if (length > 0x7f) PrependByte(length > 0xff ? 0x82 : 0x81);
    PrependByte(tag);
  }

 private:
  MutableBytes buffer_;
  std::size_t at_;
  bool ok_ = true;
};

void PrependPositive(BackWriter& writer, Bytes magnitude) {
  const std::size_t end = writer.at();
  writer.Prepend(magnitude);
  if ((magnitude[0] & std::byte{0x80}) != std::byte{0}) writer.PrependByte(0);
  writer.Close(tag::kInteger, end);
}

void PrependNumber(BackWriter& writer, unsigned value, std::size_t digits) {
  for (; digits > 0; --digits, value /= 10) {
    writer.PrependByte('0' + value % 10);
  }
}

void PrependTime(BackWriter& writer, const Time& time) {
  const std::size_t end = writer.at();
  const bool generalized = time.year >= kFirstGeneralizedYear;
  writer.PrependByte('Z');
  PrependNumber(writer, time.second, 2);
  PrependNumber(writer, time.minute, 2);
  PrependNumber(writer, time.hour, 2);
  PrependNumber(writer, time.day, 2);
  PrependNumber(writer, time.month, 2);
  PrependNumber(writer, time.year, generalized ? 4 : 2);
  writer.Close(generalized ? tag::kGeneralizedTime : tag::kUtcTime, end);
}

void PrependName(BackWriter& writer, Bytes common_name) {
  const std::size_t end = writer.at();
  writer.Prepend(common_name);
  writer.Close(tag::kUtf8String, end);
  writer.Prepend(kCommonName);
  writer.Close(tag::kSequence, end);
  writer.Close(tag::kSet, end);
  writer.Close(tag::kSequence, end);
}

void PrependAlgorithm(BackWriter& writer) {
  const std::size_t end = writer.at();
  writer.Prepend(kEcdsaWithSha256);
  writer.Close(tag::kSequence, end);
}

void PrependCounter(BackWriter& writer, std::uint32_t counter) {
  const std::size_t end = writer.at();
  std::uint32_t rest = counter;
  do {
    writer.PrependByte(rest);
    rest >>= 8;
  } while (rest != 0);
  // A highest bit that is set would make it negative.
  const std::size_t bytes = end - writer.at();
  if ((counter >> (8 * bytes - 1) & 1) != 0) writer.PrependByte(0);
  writer.Close(tag::kInteger, end);
}

void PrependValue(BackWriter& writer, const Extension& extension) {
  switch (KindOf(extension.id)) {
    case ExtensionKind::kCounter:
      return PrependCounter(writer, extension.counter);
    case ExtensionKind::kHash:
      writer.Prepend(extension.hash);
      return writer.Prepend(kSha256Info);
    case ExtensionKind::kKey:
      return writer.Prepend(extension.key.der);
    case ExtensionKind::kUnknown:
      return;
  }
}

void PrependExtension(BackWriter& writer, const Extension& extension) {
  const std::size_t end = writer.at();
  PrependValue(writer, extension);
  writer.Close(tag::kOctetString, end);
  writer.Prepend(kCritical);
  const std::size_t name_end = writer.at();
  writer.PrependByte(extension.id & 0x7f);
  if (extension.id > 0x7f) writer.PrependByte(0x80 | extension.id >> 7);
  writer.Prepend(kExtensionArc);
  writer.Close(tag::kObjectId, name_end);
  writer.Close(tag::kSequence, end);
}

void PrependExtensions(BackWriter& writer, const Certificate& certificate) {
  const std::size_t end = writer.at();
  for (std::size_t i = certificate.count; i > 0; --i) {
    PrependExtension(writer, certificate.storage[i - 1]);
  }
  writer.Prepend(kBasicConstraints);
  writer.Prepend(certificate.key_id);
  writer.Prepend(kAuthorityKeyId);
  writer.Prepend(certificate.key_id);
  writer.Prepend(kSubjectKeyId);
  writer.Close(tag::kSequence, end);
  writer.Close(tag::kExtensions, end);
}

void PrependValidity(BackWriter& writer, const Certificate& certificate) {
  const std::size_t end = writer.at();
  PrependTime(writer, certificate.not_after);
  PrependTime(writer, certificate.not_before);
  writer.Close(tag::kSequence, end);
}

// The rest is seen when it is read again.
Error Check(const Certificate& certificate) {
  const bool sound = !certificate.serial.empty() &&
                     certificate.serial[0] != std::byte{0} &&
                     certificate.serial.size() <= kMaxSerialBytes &&
                     IsPossibleName(certificate.common_name) &&
                     certificate.key_id.size() == kKeyIdBytes &&
                     IsPossible(certificate.not_before) &&
                     certificate.not_before <= certificate.not_after &&
                     IsPossible(certificate.not_after);
  if (!sound) return Error::kCertificateForm;
  if (!ReadPublicKey(certificate.key.der).ok()) return Error::kCertificateKey;
  if (certificate.count == 0 || certificate.count > kMaxExtensions) {
    return Error::kCertificateExtension;
  }
  for (const Extension& extension : certificate.extensions()) {
    if (KindOf(extension.id) == ExtensionKind::kUnknown) {
      return Error::kCertificateExtension;
    }
  }
  return Error::kOk;
}

}  // namespace

Result<Bytes> WriteToBeSigned(const Certificate& certificate,
                              MutableBytes buffer) {
  BOOTSEAL_TRY(Check(certificate));
  BackWriter writer(buffer);
  const std::size_t end = writer.at();
  PrependExtensions(writer, certificate);
  writer.Prepend(certificate.key.der);
  PrependName(writer, certificate.common_name);
  PrependValidity(writer, certificate);
  PrependName(writer, certificate.common_name);
  PrependAlgorithm(writer);
  PrependPositive(writer, certificate.serial);
  writer.Prepend(kVersion3);
  writer.Close(tag::kSequence, end);
  if (!writer.ok()) return Error::kBufferTooSmall;
  return writer.written();
}

Result<Bytes> WriteCertificate(Bytes to_be_signed, Bytes signature,
                               MutableBytes buffer) {
  BackWriter writer(buffer);
  const std::size_t end = writer.at();
  writer.Prepend(signature);
  writer.PrependByte(0);
  writer.Close(tag::kBitString, end);
  PrependAlgorithm(writer);
  writer.Prepend(to_be_signed);
  writer.Close(tag::kSequence, end);
  if (!writer.ok()) return Error::kBufferTooSmall;
  const Result<Certificate> read = ReadCertificate(writer.written());
  if (!read.ok()) return read.error();
  return writer.written();
}

}  // namespace bootseal::image::certificate

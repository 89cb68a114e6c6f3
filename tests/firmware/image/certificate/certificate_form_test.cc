// Certificates made by hand, with what cert_create never writes.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::NameOf;
using namespace image::certificate;

std::string ReadError(const std::string& der) {
  return NameOf(ReadCertificate(AsBytes(der)).error());
}

// Lengths are made to fit.
std::string Element(std::uint8_t tag, const std::string& content) {
  std::string length;
  if (content.size() > 0xff) {
    length = {'\x82', static_cast<char>(content.size() >> 8)};
  } else if (content.size() > 0x7f) {
    length = "\x81";
  }
  return std::string(1, static_cast<char>(tag)) + length +
         static_cast<char>(content.size() & 0xff) + content;
}

std::string Hex(const std::string& digits) {
  return absl::HexStringToBytes(digits);
}

struct Parts {
  std::string version = Hex("a003020102");
  std::string serial = Element(2, Hex("1234"));
  std::string algorithm = Hex("300a06082a8648ce3d040302");
  std::string issuer = Name("Somebody");
  std::string not_before = Element(0x17, "260101000000Z");
  std::string not_after = Element(0x17, "491231235959Z");
  std::string subject = Name("Somebody");
  std::string key = SharedChainKeys().root.public_key();
  std::string after_key;
  std::string standard = Hex("301d0603551d0e04160414") + std::string(20, 'k') +
                         Hex("301f0603551d23041830168014") +
                         std::string(20, 'k') + Hex("30090603551d1304023000");
  std::string extensions = Counter(Hex("020105"));
  std::string after_extensions;
  std::string outer_algorithm = algorithm;
  std::string signature_bits =
      Hex("00") + Element(0x30, Hex("02010102") + Hex("0101"));

  static std::string Name(const std::string& text, std::uint8_t tag = 0x0c) {
    return Element(0x30, Element(0x31, Element(0x30, Hex("0603550403") +
                                                         Element(tag, text))));
  }
  static std::string Counter(const std::string& value) {
    return Ours("01", value);
  }
  // 1.3.6.1.4.1.4128.2100 and the digits of what follows.
  static std::string Ours(const std::string& number, const std::string& value,
                          const std::string& critical = "0101ff") {
    return Element(0x30, Element(6, Hex("2b06010401a0209034" + number)) +
                             Hex(critical) + Element(4, value));
  }
  std::string Der() const {
    const std::string tbs =
        Element(0x30, version + serial + algorithm + issuer +
                          Element(0x30, not_before + not_after) + subject +
                          key + after_key +
                          Element(0xa3, Element(0x30, standard + extensions)) +
                          after_extensions);
    return Element(0x30, tbs + outer_algorithm + Element(3, signature_bits));
  }
};

TEST(CertificateForm, MadeByHandIsRead) {
  EXPECT_EQ(ReadError(Parts().Der()), "OK");
}

struct BadForm {
  const char* what;
  const char* error;
  std::function<void(Parts&)> change;
};

void PrintTo(const BadForm& bad, std::ostream* out) { *out << bad.what; }

class CertificateFormRefuses : public testing::TestWithParam<BadForm> {};

TEST_P(CertificateFormRefuses, WhatCertCreateDoesNotWrite) {
  Parts parts;
  GetParam().change(parts);
  EXPECT_EQ(ReadError(parts.Der()), GetParam().error);
}

std::string Digest32() { return std::string(32, 'h'); }

INSTANTIATE_TEST_SUITE_P(
    Fields, CertificateFormRefuses,
    testing::Values(
        BadForm{"version 1", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.version = ""; }},
        BadForm{"version 2", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.version = Hex("a003020101"); }},
        BadForm{"version with a long length", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.version = Hex("a08103020102"); }},
        BadForm{"serial zero", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.serial = Hex("020100"); }},
        BadForm{"negative serial", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.serial = Hex("020181"); }},
        BadForm{"padded serial", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.serial = Hex("02020012"); }},
        BadForm{"empty serial", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.serial = Hex("0200"); }},
        BadForm{
            "serial of 21 bytes", "CERTIFICATE_FORM",
            [](Parts& bad) { bad.serial = Element(2, std::string(21, 'a')); }},
        BadForm{"no serial", "DER", [](Parts& bad) { bad.serial = ""; }},
        BadForm{"SHA-384", "CERTIFICATE_ALGORITHM",
                [](Parts& bad) {
                  bad.algorithm = Hex("300a06082a8648ce3d040303");
                }},
        BadForm{"RSA", "CERTIFICATE_ALGORITHM",
                [](Parts& bad) {
                  bad.algorithm = Hex("300d06092a864886f70d01010b0500");
                  bad.outer_algorithm = bad.algorithm;
                }},
        BadForm{"parameters", "CERTIFICATE_ALGORITHM",
                [](Parts& bad) {
                  bad.algorithm = Hex("300c06082a8648ce3d0403020500");
                }},
        BadForm{"another algorithm outside", "CERTIFICATE_ALGORITHM",
                [](Parts& bad) {
                  bad.outer_algorithm = Hex("300a06082a8648ce3d040303");
                }},
        BadForm{"issuer is another", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.issuer = Parts::Name("Nobody"); }},
        BadForm{"printable string", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.issuer = Parts::Name("Somebody", 0x13);
                  bad.subject = bad.issuer;
                }},
        BadForm{"empty name", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.issuer = bad.subject = Hex("3000"); }},
        BadForm{"name of no letters", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.issuer = bad.subject = Parts::Name(""); }},
        BadForm{"name of 65 letters", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.issuer = bad.subject = Parts::Name(std::string(65, 'n'));
                }},
        BadForm{"name with an escape", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.issuer = bad.subject = Parts::Name("\x1b[2J");
                }},
        BadForm{"two names", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.issuer = bad.subject =
                      Element(0x30, Parts::Name("Somebody").substr(2) +
                                        Parts::Name("Somebody").substr(2));
                }},
        BadForm{"day that does not exist", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x17, "260229000000Z");
                }},
        BadForm{"month 13", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x17, "261301000000Z");
                }},
        BadForm{"second 60", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x17, "260101000060Z");
                }},
        BadForm{"letters in a date", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x17, "26010100000xZ");
                }},
        BadForm{
            "no zone", "CERTIFICATE_FORM",
            [](Parts& bad) { bad.not_before = Element(0x17, "260101000000"); }},
        BadForm{"other zone", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x17, "260101000000+0100");
                }},
        BadForm{"long form of an early year", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.not_before = Element(0x18, "20260101000000Z");
                }},
        BadForm{
            "end before begin", "CERTIFICATE_FORM",
            [](Parts& bad) { bad.not_after = Element(0x17, "251231235959Z"); }},
        BadForm{"three dates", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.not_after += bad.not_after; }},
        BadForm{"compressed point", "CERTIFICATE_KEY",
                [](Parts& bad) { bad.key[26] = 2; }},
        BadForm{"P-384", "CERTIFICATE_KEY",
                [](Parts& bad) {
                  bad.key = SharedKey(image::Algorithm::kP384).public_key();
                }},
        BadForm{"brainpoolP256r1", "CERTIFICATE_KEY",
                [](Parts& bad) {
                  bad.key = Hex("305a301406072a8648ce3d02010"
                                "6092b24030302080101070342"
                                "0004") +
                            std::string(64, 'p');
                }},
        BadForm{"RSA key", "CERTIFICATE_KEY",
                [](Parts& bad) {
                  bad.key = Element(
                      0x30, SharedKey(image::Algorithm::kRsa2048).public_key());
                }},
        BadForm{"issuer's unique id", "DER",
                [](Parts& bad) { bad.after_key = Hex("810100"); }},
        BadForm{"something behind the extensions", "DER",
                [](Parts& bad) { bad.after_extensions = Hex("0500"); }},
        BadForm{"no extensions of X.509", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.standard = ""; }},
        BadForm{"authority key id of another", "CERTIFICATE_FORM",
                [](Parts& bad) { bad.standard[50] = 'x'; }},
        BadForm{"a CA", "CERTIFICATE_FORM",
                [](Parts& bad) {
                  bad.standard.replace(bad.standard.size() - 11, 11,
                                       Hex("300c0603551d13040530030101ff"));
                }},
        BadForm{"no extensions of ours", "CERTIFICATE_EXTENSION",
                [](Parts& bad) { bad.extensions = ""; }},
        BadForm{"extension twice", "CERTIFICATE_EXTENSION",
                [](Parts& bad) { bad.extensions += bad.extensions; }},
        BadForm{"not critical", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("01", Hex("020105"), "");
                }},
        BadForm{"critical: false", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("01", Hex("020105"), "010100");
                }},
        BadForm{"critical: 1", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("01", Hex("020105"), "010101");
                }},
        BadForm{"unknown number", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions += Parts::Ours("8369", Hex("020105"));
                }},
        BadForm{"padded number", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("8001", Hex("020105"));
                }},
        BadForm{"number of three bytes", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("818001", Hex("020105"));
                }},
        BadForm{"no number", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("", Hex("020105"));
                }},
        BadForm{"another arc", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions =
                      Element(0x30, Hex("0603551d0f") + Hex("0101ff") +
                                        Hex("040403020106"));
                }},
        BadForm{"counter with bytes behind", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Counter(Hex("02010500"));
                }},
        BadForm{
            "negative counter", "CERTIFICATE_EXTENSION",
            [](Parts& bad) { bad.extensions = Parts::Counter(Hex("020185")); }},
        BadForm{"padded counter", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Counter(Hex("02020005"));
                }},
        BadForm{"counter of 32 bits", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Counter(Hex("02050080000000"));
                }},
        BadForm{"counter of 40 bits", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Counter(Hex("02050100000000"));
                }},
        BadForm{
            "empty counter", "CERTIFICATE_EXTENSION",
            [](Parts& bad) { bad.extensions = Parts::Counter(Hex("0200")); }},
        BadForm{"no counter", "CERTIFICATE_EXTENSION",
                [](Parts& bad) { bad.extensions = Parts::Counter(""); }},
        BadForm{"hash without its name", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours("8769", Element(4, Digest32()));
                }},
        BadForm{"hash of SHA-1's name", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours(
                      "8769", Element(0x30, Hex("300906052b0e03021a0500") +
                                                Element(4, Digest32())));
                }},
        BadForm{"hash without NULL", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions = Parts::Ours(
                      "8769", Element(0x30, Hex("300b0609608648016503040201") +
                                                Element(4, Digest32())));
                }},
        BadForm{"short hash", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions =
                      Parts::Ours("8769", Hex("3030300d060960864801650"
                                              "304020105000420") +
                                              std::string(31, 'h'));
                }},
        BadForm{"long hash", "CERTIFICATE_EXTENSION",
                [](Parts& bad) {
                  bad.extensions =
                      Parts::Ours("8769", Hex("3031300d0609608648016503040"
                                              "20105000420") +
                                              std::string(33, 'h'));
                }},
        BadForm{"key that is none", "CERTIFICATE_KEY",
                [](Parts& bad) {
                  bad.extensions += Parts::Ours("822e", std::string(91, 'k'));
                }},
        BadForm{"signature with unused bits", "DER",
                [](Parts& bad) { bad.signature_bits[0] = 1; }},
        BadForm{"no signature", "DER",
                [](Parts& bad) { bad.signature_bits = ""; }},
        BadForm{"empty signature", "DER",
                [](Parts& bad) { bad.signature_bits = Hex("00"); }},
        BadForm{
            "signature with a zero", "DER",
            [](Parts& bad) { bad.signature_bits = Hex("003006020100020101"); }},
        BadForm{"signature with bytes behind", "DER",
                [](Parts& bad) { bad.signature_bits += '\0'; }}));

TEST(CertificateForm, MayHaveEightExtensionsAndNoNinth) {
  Parts parts;
  const std::string info = Hex("3031300d060960864801650304020105000420");
  const std::string numbers[] = {"02",   "814b", "814c", "8769",
                                 "876a", "876b", "876c", "8931"};
  for (const std::string& number : numbers) {
    const bool ninth = number == "8931";
    parts.extensions += number == "02" ? Parts::Ours(number, Hex("020105"))
                                       : Parts::Ours(number, info + Digest32());
    EXPECT_EQ(ReadError(parts.Der()), ninth ? "CERTIFICATE_EXTENSION" : "OK")
        << number;
  }
}

TEST(CertificateForm, CountsUpToTwoToThe31) {
  for (const auto& [digits, value] :
       {std::pair<const char*, std::uint32_t>{"020100", 0},
        {"02017f", 127},
        {"02020080", 128},
        {"020200ff", 255},
        {"02020100", 256},
        {"0203008000", 0x8000},
        {"02047fffffff", 0x7fffffff}}) {
    Parts parts;
    parts.extensions = Parts::Counter(Hex(digits));
    const std::string der = parts.Der();
    const auto read = ReadCertificate(AsBytes(der));
    ASSERT_TRUE(read.ok()) << digits;
    EXPECT_EQ(read->storage[0].counter, value);
    EXPECT_EQ(WrittenCertificate(*read), der);
  }
}

TEST(CertificateForm, SaysLateYearsInFourDigits) {
  Parts parts;
  parts.not_before = Element(0x17, "500101000000Z");
  parts.not_after = Element(0x18, "20500228235959Z");
  const std::string der = parts.Der();
  const auto read = ReadCertificate(AsBytes(der));
  ASSERT_TRUE(read.ok()) << NameOf(read.error());
  EXPECT_EQ(read->not_before.year, 1950);
  EXPECT_EQ(read->not_after.year, 2050);
  EXPECT_EQ(WrittenCertificate(*read), der);
}

TEST(CertificateForm, MayBeOfBrainpoolsTwistedCurve) {
  Parts parts;
  parts.key = Hex("305a301406072a8648ce3d020106092b240303020801010803420004") +
              std::string(64, 'p');
  const std::string der = parts.Der();
  const auto read = ReadCertificate(AsBytes(der));
  ASSERT_TRUE(read.ok()) << NameOf(read.error());
  EXPECT_EQ(read->key.curve, Curve::kBrainpoolP256t1);
  EXPECT_EQ(WrittenCertificate(*read), der);
}

}  // namespace
}  // namespace bootseal::tests

#include "firmware/image/host/dsse.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::host::Envelope;
using image::host::PreAuthenticationEncoding;
using image::host::ReadEnvelope;
using image::host::WriteEnvelope;

const Envelope kHello{"http://example.com/HelloWorld", "hello world", "key-1",
                      std::string("\x00\xff\xfe!", 4)};
const std::string kHelloText =
    R"({"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld",)"
    R"("signatures":[{"keyid":"key-1","sig":"AP/+IQ=="}]})"
    "\n";

TEST(Dsse, SignsTheEncodingOfTheSpecification) {
  EXPECT_EQ(
      PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"),
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(PreAuthenticationEncoding("", ""), "DSSEv1 0  0 ");
}

TEST(Dsse, LengthsKeepTypeAndPayloadApart) {
  EXPECT_NE(PreAuthenticationEncoding("a", "b c"),
            PreAuthenticationEncoding("a b", "c"));
}

TEST(Dsse, AnEnvelopeHasOneText) {
  EXPECT_EQ(WriteEnvelope(kHello), kHelloText);
  const auto read = ReadEnvelope(kHelloText);
  ASSERT_OK(read);
  EXPECT_EQ(read->payload_type, kHello.payload_type);
  EXPECT_EQ(read->payload, kHello.payload);
  EXPECT_EQ(read->keyid, kHello.keyid);
  EXPECT_EQ(read->signature, kHello.signature);
}

std::string Changed(const std::string& from, const std::string& to) {
  EXPECT_TRUE(absl::StrContains(kHelloText, from)) << from;
  return absl::StrReplaceAll(kHelloText, {{from, to}});
}

TEST(Dsse, OthersMayWriteItInOtherWays) {
  EXPECT_EQ(ReadEnvelope(Changed("AP/+IQ==", "AP_-IQ=="))->signature,
            kHello.signature);
  EXPECT_EQ(ReadEnvelope(Changed("\"keyid\":\"key-1\",", ""))->keyid, "");
  EXPECT_OK(
      ReadEnvelope(Changed("{\"payload\"", "{ \"more\": 1,\n\"payload\"")));
  EXPECT_EQ(ReadEnvelope(Changed("aGVsbG8gd29ybGQ=", ""))->payload, "");
}

TEST(Dsse, WhatIsNoEnvelopeIsRefused) {
  const std::string signature = R"({"keyid":"key-1","sig":"AP/+IQ=="})";
  for (const std::string& json :
       {std::string(), std::string("null"), kHelloText + "}",
        Changed("\"payload\":", "\"load\":"), Changed("aGVsbG8g", "aGVs bG8g"),
        Changed("bGQ=", "bGQ"), Changed("bGQ=", "bGR="),
        Changed("\"aGVsbG8gd29ybGQ=\"", "7"), Changed("payloadType", "type"),
        Changed("signatures", "signature"), Changed(signature, ""),
        Changed(signature, absl::StrCat(signature, ",", signature)),
        Changed(signature, "7"), Changed("\"sig\"", "\"signature\""),
        Changed("AP/+IQ==", ""), Changed("AP/+IQ==", "AP/+IQ"),
        Changed("AP/+IQ==", "AP/*IQ=="),
        Changed("{\"payload\"", "{\"payload\":\"\",\"payload\""),
        std::string((1 << 20) + 1, ' ')}) {
    EXPECT_EQ(base::ReasonOf(ReadEnvelope(json).status()), "ENVELOPE_MALFORMED")
        << json.substr(0, 200);
  }
}

TEST(Dsse, CutAtAnyByteIsRefused) {
  for (std::size_t size = 0; size + 1 < kHelloText.size(); ++size) {
    ASSERT_FALSE(ReadEnvelope(kHelloText.substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace bootseal::tests

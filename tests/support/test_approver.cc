#include "tests/support/test_approver.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <utility>

#include "server/trust/approval.h"

namespace bootseal::tests {
namespace {

void Must(int result) {
  if (result != 1) std::abort();
}

std::string PublicPem(EVP_PKEY* key) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  Must(PEM_write_bio_PUBKEY(bio.get(), key));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

const unsigned char* BytesOf(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

TestApprover::TestApprover(std::string name)
    : name_(std::move(name)),
      key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")),
      public_key_(PublicPem(key_.get())) {}

v1::DsseEnvelope TestApprover::Sign(v1::ApprovalStatement statement) const {
  if (statement.approver().empty()) statement.set_approver(name_);
  v1::DsseEnvelope envelope;
  envelope.set_payload(trust::EncodeStatement(statement));
  envelope.set_payload_type(trust::kApprovalPayloadType);
  const std::string message = trust::PreAuthenticationEncoding(
      envelope.payload_type(), envelope.payload());
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  Must(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()));
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  Must(EVP_DigestSign(context.get(),
                      reinterpret_cast<unsigned char*>(signature.data()), &size,
                      BytesOf(message), message.size()));
  envelope.add_signatures()->set_sig(signature);
  return envelope;
}

}  // namespace bootseal::tests

#include "hsm/known_keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

struct KnownKey {
  const char* sha256;  // of the DER that the device compares
  const char* where;
};

constexpr KnownKey kKnownKeys[] = {
    {"e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711e4382bb538b6",
     "MCUboot root-ec-p256, TF-M root-EC-P256"},
    {"82a5b443594853d4bf0fdd89a914a5dc16f867548207d7077e74d80c063efda9",
     "TF-M root-EC-P256_1"},
    {"6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8",
     "MCUboot root-ec-p384, TF-M root-EC-P384"},
    {"4ec3fb3193234e2ed4456e84507ba591bbe2456ea38d1cd80287cfdec268ab6f",
     "TF-M root-EC-P384_1"},
    {"fc5701dc6135e1323847bdc40f04d2e5bee5833b23c29f93593d00018cfa9994",
     "MCUboot root-rsa-2048, TF-M root-RSA-2048"},
    {"e18015993d6d2760b499274baef264b83af229e9a785f3d5bf00b9d32c1f0396",
     "TF-M root-RSA-2048_1"},
    {"449793fb65cd7698753d5b3f35fab15f1e3a45111ff24e1d46741de5ae12d59e",
     "MCUboot root-rsa-3072"},
    {"bfe6d86f8826f4ff97fb96c4e6fbc4993e4619fc565da26adf34c329489adc38",
     "TF-M root-RSA-3072"},
    {"b360caf5c98c6b942a4882fa9d4823efb166a9ef6a6e4aa37c1919ed1fccc049",
     "TF-M root-RSA-3072_1"},
    {"c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c",
     "MCUboot root-ed25519"},
    {"6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af",
     "MCUboot root-ed25519-2"},
    {"b1d87d60173352b9a4808979790fc699fb4c4f83b49cf1970edd96ff4adc36a6",
     "MCUboot root-ed25519-unknown"},
};

absl::Status Known(absl::string_view where) {
  return base::Precondition(
      "KEY_PUBLICLY_KNOWN",
      absl::StrCat("everybody has the private half of this key (", where,
                   "); generate one in the token"));
}

}  // namespace

absl::Status CheckNotPubliclyKnown(const PublicKey& key,
                                   const std::vector<std::string>& further) {
  for (const std::string& der : {key.device_der(), key.spki()}) {
    const std::string hash = Sha256(der);
    const std::string hex = absl::BytesToHexString(hash);
    for (const KnownKey& known : kKnownKeys) {
      if (hex == known.sha256) return Known(known.where);
    }
    for (const std::string& listed : further) {
      if (hash == listed) return Known("listed by the operator");
    }
  }
  return absl::OkStatus();
}

}  // namespace bootseal::hsm

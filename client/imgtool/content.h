// What becomes of a payload before it is signed: compressed, padded for the
// cipher. Facts: mcuboot 1.12, 1.13.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_CONTENT_H_
#define BOOTSEAL_CLIENT_IMGTOOL_CONTENT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/imgtool/device_key.h"
#include "client/imgtool/image.h"
#include "client/imgtool/key.h"
#include "client/imgtool/options.h"
#include "client/imgtool/signing.h"

namespace bootseal::imgtool {

// The key to encrypt for, of a kind that the device can decrypt with and that
// goes with the signing key (null: nobody). INVALID_ARGUMENT:
// ENCRYPTION_KEY_TYPE, HMAC_HASH, KEK_LENGTH; the errors of DeviceKey::Load.
absl::StatusOr<std::optional<DeviceKey>> LoadDeviceKey(
    const SignOptions& options, const Key* signing_key,
    const Key::Passphrase& passphrase);

// Compresses when that is asked for and pays, which takes a signature over the
// plain image; pads when the payload is to be encrypted.
absl::StatusOr<Content> MakeContent(const SignOptions& options,
                                    const Signatory& signatory,
                                    std::string payload);

// What imgtool still knows of the options when it writes a compressed image:
// not --non-bootable, and not --test. The same options for any other content,
// and without --imgtool-compatible.
SignOptions WithLosses(SignOptions options, const Content& content);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_CONTENT_H_

// What `bootseal sign` was told.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_OPTIONS_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bootseal::cli {

struct SignOptions {
  std::string input;
  std::string target;
  std::string version;
  std::optional<std::uint32_t> security_counter;
  std::string request_id;
  std::string output;
  std::string receipt;
  std::string profile;
  std::optional<std::uint32_t> address;
  std::vector<std::string> vendor_tlvs;
  std::string device_key;
  bool compress = false;
  bool embed_receipt = false;
  double timeout_seconds = 300;
  std::string wait;
  // Of a package.
  std::vector<std::string> components;  // "tos-fw=tee.bin"
  std::optional<std::uint32_t> non_trusted_counter;
  std::string valid_from;
  // Of a first stage: where its OTP words go.
  std::string otp;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_OPTIONS_H_

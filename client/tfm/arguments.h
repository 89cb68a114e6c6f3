// The command line of TF-M's mcuboot_imagesign_wrapper. Facts: mcuboot 4.1,
// 4.2; source: TF-M's bl2/ext/mcuboot/scripts/wrapper.py at b23e66338d32.
#ifndef BOOTSEAL_CLIENT_TFM_ARGUMENTS_H_
#define BOOTSEAL_CLIENT_TFM_ARGUMENTS_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/imgtool/sign_arguments.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::tfm {

struct WrapperArguments {
  // What imgtool has too, whatever its letter there: -L is the content key's
  // length here, and the load address comes from the layout.
  imgtool::SignArguments sign;
  std::vector<std::string> keys;
  std::string layout;
  bool measured_boot_record = false;
  std::vector<std::uint32_t> key_ids;
  std::vector<std::pair<std::string, std::string>> extra_tlvs;
};

// Adds the options to `app`; parsing fills what is returned.
std::shared_ptr<WrapperArguments> DeclareWrapperArguments(CLI::App& app);

// With what the layout tells, as imgtool's `sign` would have it: one key, the
// slot's size and addresses, the software type. Warns of what TF-M's wrapper
// does wrong and this does right. INVALID_ARGUMENT: KEYS_SEVERAL,
// KEY_IDS_SEVERAL, EXTRA_TLV (none of which an imgtool can do; as TF-M's
// wrapper does with --imgtool-compatible), LAYOUT_MISSING, LAYOUT_SIZE; the
// errors of layout.h.
absl::StatusOr<imgtool::SignArguments> ReadWrapperArguments(
    const WrapperArguments& arguments);

// Imgtool's names of what the command line says, and of what the layout, its
// name and --align say beside it: for a target to judge.
std::set<std::string> GivenOptions(const CLI::App& app,
                                   const imgtool::SignArguments& read);

}  // namespace bootseal::tfm

#endif  // BOOTSEAL_CLIENT_TFM_ARGUMENTS_H_

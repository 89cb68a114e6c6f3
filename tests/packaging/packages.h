// The packages of this build, by name.
#ifndef BOOTSEAL_TESTS_PACKAGING_PACKAGES_H_
#define BOOTSEAL_TESTS_PACKAGING_PACKAGES_H_

#include <map>
#include <string>

#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr const char* kNames[] = {"bootseal", "bootseal-server",
                                         "bootseal-fwu", "bootseal-dev"};

// The path of the package; "" and a failed test when it is not there.
std::string Archive(const std::string& folder, const std::string& name);
std::string Archive(const std::string& name);

// Of the control file, without the line's end.
std::string Field(const std::string& name, const std::string& field);

std::string ReadFile(const std::string& path);

// "-rwxr-xr-x root/root" by path, folders without their slash.
std::map<std::string, std::string> Contents(const std::string& name);

// Its files, and what dpkg reads in DEBIAN/.
struct Unpacked {
  explicit Unpacked(const std::string& name);
  TemporaryFolder folder;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_PACKAGING_PACKAGES_H_

// A folder of a test's own, gone with it.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define BOOTSEAL_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <string>

namespace bootseal::tests {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

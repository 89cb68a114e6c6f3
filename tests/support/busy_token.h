// A token whose module hangs: while this object exists every file of a SoftHSM
// token is locked, and whoever uses the token waits.
#ifndef BOOTSEAL_TESTS_SUPPORT_BUSY_TOKEN_H_
#define BOOTSEAL_TESTS_SUPPORT_BUSY_TOKEN_H_

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace bootseal::tests {

class BusyToken {
 public:
  // Of SoftHsmToken::objects_path().
  explicit BusyToken(const std::string& folder) {
    for (const auto& each :
         std::filesystem::recursive_directory_iterator(folder)) {
      if (each.is_regular_file()) Lock(each.path());
    }
  }
  ~BusyToken() {
    for (const int file : files_) close(file);
  }
  BusyToken(const BusyToken&) = delete;
  BusyToken& operator=(const BusyToken&) = delete;

 private:
  void Lock(const std::string& path) {
    files_.push_back(open(path.c_str(), O_RDWR | O_CLOEXEC));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(files_.back(), F_SETLKW, &whole) != 0) std::abort();
  }

  std::vector<int> files_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_BUSY_TOKEN_H_

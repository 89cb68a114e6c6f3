// Problems of a file, gathered so that all are reported at once.
#ifndef BOOTSEAL_SERVER_TRUST_PROBLEMS_H_
#define BOOTSEAL_SERVER_TRUST_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bootseal::trust {

using Problems = std::vector<std::string>;

// A place in the file. What is wrong there is told to it and goes on a line
// with its path: "targets[1].key: ...". `problems` must outlive it. Not
// thread-safe.
class Field {
 public:
  explicit Field(Problems& problems) : problems_(problems) {}

  Field At(absl::string_view name) const {
    return Field(problems_,
                 absl::StrCat(path_, path_.empty() ? "" : ".", name));
  }
  Field At(absl::string_view name, int index) const {
    return At(absl::StrCat(name, "[", index, "]"));
  }
  void Report(absl::string_view problem) const {
    problems_.push_back(
        absl::StrCat(path_, path_.empty() ? "" : ": ", problem));
  }
  // So far, of the whole file.
  std::size_t count() const { return problems_.size(); }

 private:
  Field(Problems& problems, std::string path)
      : problems_(problems), path_(std::move(path)) {}

  Problems& problems_;
  std::string path_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PROBLEMS_H_

// What must hold of a log's file after a crash, whatever the moment.
#ifndef BOOTSEAL_TESTS_SERVER_AUDIT_LOG_CHECK_H_
#define BOOTSEAL_TESTS_SERVER_AUDIT_LOG_CHECK_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bootseal::tests {

// Entries by index, of which somebody has a receipt.
using Receipted = std::map<std::uint64_t, std::string>;

// Opens the file as a server does and finds: that it does not open; a head,
// node or entry that is not what all entries hashed again give; an entry of
// `receipted` that is lost or another; that nothing can be appended. One line
// each; empty when the log is whole.
std::vector<std::string> ProblemsOfLog(const std::string& path,
                                       const Receipted& receipted);

// Whole lines "index entry-in-hex", as append_entries writes them.
Receipted ReadReceipted(const std::string& path);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_AUDIT_LOG_CHECK_H_

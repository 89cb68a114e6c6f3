// What is wrong with a configuration: for each problem one text, with the path
// of its field, the value and what was expected.
#ifndef BOOTSEAL_SERVER_CONFIG_CHECKS_H_
#define BOOTSEAL_SERVER_CONFIG_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bootseal/v1/config.pb.h"

namespace bootseal::server {

// Of a whole file: what it lacks.
std::vector<std::string> MissingFields(const v1::ServerConfig& config);

// Of what is there.
std::vector<std::string> WrongValues(const v1::ServerConfig& config);

// limits.max_concurrent_requests, or its default.
std::uint32_t RequestsOf(const v1::Limits& limits);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONFIG_CHECKS_H_

#include "firmware/crypto/library/heap.h"

#include <mbedtls/memory_buffer_alloc.h>

namespace bootseal::crypto {
namespace {

// More than the peak of a verification (MBEDTLS_MEMORY_DEBUG), which grows with
// the size of pointers.
alignas(8) unsigned char memory[sizeof(void*) * 3 * 1024];

}  // namespace

Heap::Heap() { mbedtls_memory_buffer_alloc_init(memory, sizeof(memory)); }
Heap::~Heap() { mbedtls_memory_buffer_alloc_free(); }

}  // namespace bootseal::crypto

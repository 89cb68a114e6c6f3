// The memory of mbedTLS's long numbers.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_HEAP_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_HEAP_H_

namespace bootseal::crypto {

// While it lives, mbedTLS allocates from one static buffer: at most one at a
// time, and everything is freed before it ends. A verification that needs more
// fails, and so refuses. Not thread-safe.
class Heap {
 public:
  Heap();
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_HEAP_H_

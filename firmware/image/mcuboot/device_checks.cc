// What the protected TLVs say: rollback, measured boot, dependencies. They are
// signed; the question is whether this device starts an image that says so.
#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot::checks {
namespace {

Error Required(Presence presence, const Facts& facts, Kind kind) {
  return Holds(presence != Presence::kRequired || facts.found.has(kind));
}

std::uint32_t WhenForbidden(Presence presence, Kind kind) {
  return presence == Presence::kForbidden ? Bits(kind) : 0;
}

Error IsUuid(Bytes expected, const Facts& facts, Kind kind) {
  return Holds(expected.empty() || Equal(facts.found.of(kind).value, expected));
}

// What a well-formed boot record says, empty: anything. An image without one,
// or with a malformed one, has been judged by the checks for that.
Error RecordSays(Bytes expected, const Facts& facts, Bytes BootRecord::*field) {
  BootRecord record;
  const Error read =
      ReadBootRecord(facts.found.of(Kind::kBootRecord).value, record);
  return Holds(read != Error::kOk || expected.empty() ||
               Equal(record.*field, expected));
}

constexpr std::uint32_t kVectorBytes = 8;
// Where a Cortex-M can have its vector table at all: VTOR has no bits below.
constexpr std::uint32_t kVectorTableAlignment = 128;

// Full-descending: the first word pushed lies below the initial value.
bool StackIsUsable(const Rules& rules, const Facts& facts) {
  if (rules.ram_size == 0) return true;
  const std::uint32_t stack = facts.initial_stack;
  return stack % 8 == 0 && stack > rules.ram_address &&
         stack - rules.ram_address <= rules.ram_size;
}

bool EntryIsUsable(const Rules& rules, const Facts& facts) {
  const std::uint32_t base =
      rules.load_address != 0 ? rules.load_address : rules.slot_address;
  if (base == 0) return true;
  const std::uint32_t header = facts.header.header_size;
  // What is loaded may still move its vectors.
  if (rules.load_address == 0 && (base + header) % kVectorTableAlignment != 0) {
    return false;
  }
  const bool thumb = (facts.reset_vector & 1) != 0;
  const std::uint32_t entry = facts.reset_vector & ~std::uint32_t{1};
  const std::uint32_t offset = entry - base;
  return thumb && entry >= base && offset >= header + kVectorBytes &&
         offset - header < facts.header.image_size;
}

}  // namespace

// The payload starts with initial stack pointer and reset vector. Where the
// target says at which address the image runs, a vector table must be able to
// lie there, and the first instruction must be Thumb code of the payload,
// behind those two words; where it says which memory there is, the stack must
// lie in it. Elsewhere only the device knows. What is never started needs none;
// compressed, they are not yet there.
Error VectorsAreUsable(const Rules& rules, const Facts& facts) {
  if (rules.non_bootable || IsCompressed(facts.header)) return Error::kOk;
  return Holds(facts.header.image_size >= kVectorBytes &&
               StackIsUsable(rules, facts) && EntryIsUsable(rules, facts));
}

Error NoForbiddenTlv(const Rules& rules, const Facts& facts) {
  return Holds((facts.found.seen &
                (WhenForbidden(rules.security_counter, Kind::kSecurityCounter) |
                 WhenForbidden(rules.boot_record, Kind::kBootRecord) |
                 WhenForbidden(rules.dependency, Kind::kDependency))) == 0);
}

Error SecurityCounterIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.security_counter, facts, Kind::kSecurityCounter);
}

// Proves that no older image comes back. Without a counter the image counts as
// 0: a device that has a minimum does not start it.
Error SecurityCounterIsHighEnough(const Rules& rules, const Facts& facts) {
  const bool enough =
      SecurityCounterOf(facts.found) >= Launder(rules.minimum_security_counter);
  return Holds(enough);
}

// A counter that the device cannot store bricks it: it starts the image, fails
// to raise its own counter and stops. Facts: mcuboot 4.3.
Error SecurityCounterIsBelowCeiling(const Rules& rules, const Facts& facts) {
  const std::uint32_t ceiling = rules.security_counter_ceiling;
  return Holds(ceiling == 0 || SecurityCounterOf(facts.found) <= ceiling);
}

Error BootRecordIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.boot_record, facts, Kind::kBootRecord);
}

Error BootRecordFitsTheDevice(const Rules& rules, const Facts& facts) {
  return Holds(facts.found.of(Kind::kBootRecord).value.size() <=
               rules.max_boot_record_size);
}

// Also proves that the last bytes, which the device overwrites with the digest,
// are the measurement and nothing else.
Error BootRecordIsWellFormed(const Rules& rules, const Facts& facts) {
  const Tlv& tlv = facts.found.of(Kind::kBootRecord);
  if (tlv.type == 0) return Error::kOk;
  BootRecord record;
  return Holds(ReadBootRecord(tlv.value, record) == Error::kOk &&
               record.measurement.size() == HashSize(rules.hash) &&
               Equal(record.hash_name, HashName(rules.hash)));
}

Error BootRecordNamesTheSigner(const Rules& rules, const Facts& facts) {
  return RecordSays(rules.key_hash, facts, &BootRecord::signer);
}

Error BootRecordNamesTheVersion(const Rules&, const Facts& facts) {
  return RecordSays(VersionText(facts.header.version).bytes(), facts,
                    &BootRecord::version);
}

Error BootRecordNamesTheSoftwareType(const Rules& rules, const Facts& facts) {
  return RecordSays(rules.software_type, facts, &BootRecord::software_type);
}

Error DependencyIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.dependency, facts, Kind::kDependency);
}

// A dependency on an image that the device does not have stops the upgrade of
// all of them. Whether the versions suffice is for the boot flow to say.
Error DependenciesExist(const Rules& rules, const Facts& facts) {
  return Holds(facts.found.images_named <= rules.image_count);
}

// Prove that the image is for this vendor's devices, and for this kind of them.
Error VendorUuidIsTheTargets(const Rules& rules, const Facts& facts) {
  return IsUuid(rules.vendor_uuid, facts, Kind::kVendorUuid);
}

Error ClassUuidIsTheTargets(const Rules& rules, const Facts& facts) {
  return IsUuid(rules.class_uuid, facts, Kind::kClassUuid);
}

}  // namespace bootseal::image::mcuboot::checks

// What the protected TLVs say: rollback, measured boot, dependencies. They are
// signed; the question is whether this device starts an image that says so.
#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot::checks {
namespace {

Tlv Find(const Facts& facts, std::uint16_t type) {
  return FindTlv(facts.protected_area, type);
}

bool Has(const Facts& facts, std::uint16_t type) {
  return Find(facts, type).type != 0;
}

Error Required(Presence presence, const Facts& facts, std::uint16_t type) {
  return Holds(presence != Presence::kRequired || Has(facts, type));
}

bool Respects(Presence presence, const Facts& facts, std::uint16_t type) {
  return presence != Presence::kForbidden || !Has(facts, type);
}

Error IsUuid(Bytes expected, const Facts& facts, std::uint16_t type) {
  return Holds(expected.empty() || Equal(Find(facts, type).value, expected));
}

// What one check wants of a well-formed boot record; an image without one, or
// with a malformed one, has been judged by the checks for that.
Error OfBootRecord(const Rules& rules, const Facts& facts,
                   bool (*wanted)(const Rules&, const Facts&,
                                  const BootRecord&)) {
  const Tlv tlv = Find(facts, tlv::kBootRecord);
  if (tlv.type == 0) return Error::kOk;
  const Result<BootRecord> record = ReadBootRecord(tlv.value);
  if (!record.ok()) return Error::kOk;
  return Holds(wanted(rules, facts, *record));
}

// Or it is no dependency.
bool NamesAnImage(const Rules& rules, const Tlv& tlv) {
  return tlv.type != tlv::kDependency ||
         Reader(tlv.value).U8() < rules.image_count;
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
  const std::uint64_t first = std::uint64_t{base} + facts.header.header_size;
  // What is loaded may still move its vectors.
  if (rules.load_address == 0 && first % kVectorTableAlignment != 0) {
    return false;
  }
  const bool thumb = (facts.reset_vector & 1) != 0;
  const std::uint32_t entry = facts.reset_vector & ~std::uint32_t{1};
  return thumb && entry >= first + kVectorBytes &&
         entry < first + facts.header.image_size;
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
  return Holds(Respects(rules.security_counter, facts, tlv::kSecurityCounter) &&
               Respects(rules.boot_record, facts, tlv::kBootRecord) &&
               Respects(rules.dependency, facts, tlv::kDependency));
}

Error SecurityCounterIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.security_counter, facts, tlv::kSecurityCounter);
}

// Proves that no older image comes back. Without a counter the image counts as
// 0: a device that has a minimum does not start it.
Error SecurityCounterIsHighEnough(const Rules& rules, const Facts& facts) {
  const bool enough =
      SecurityCounterOf(facts) >= Launder(rules.minimum_security_counter);
  return Holds(enough);
}

// A counter that the device cannot store bricks it: it starts the image, fails
// to raise its own counter and stops. Facts: mcuboot 4.3.
Error SecurityCounterIsBelowCeiling(const Rules& rules, const Facts& facts) {
  const std::uint32_t ceiling = rules.security_counter_ceiling;
  return Holds(ceiling == 0 || SecurityCounterOf(facts) <= ceiling);
}

Error BootRecordIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.boot_record, facts, tlv::kBootRecord);
}

Error BootRecordFitsTheDevice(const Rules& rules, const Facts& facts) {
  return Holds(Find(facts, tlv::kBootRecord).value.size() <=
               rules.max_boot_record_size);
}

// Also proves that the last bytes, which the device overwrites with the digest,
// are the measurement and nothing else.
Error BootRecordIsWellFormed(const Rules& rules, const Facts& facts) {
  const Tlv tlv = Find(facts, tlv::kBootRecord);
  if (tlv.type == 0) return Error::kOk;
  const Result<BootRecord> record = ReadBootRecord(tlv.value);
  return Holds(record.ok() &&
               record->measurement.size() == HashSize(rules.hash) &&
               Equal(record->hash_name, HashName(rules.hash)));
}

Error BootRecordNamesTheSigner(const Rules& rules, const Facts& facts) {
  return OfBootRecord(
      rules, facts, [](const Rules& r, const Facts&, const BootRecord& record) {
        return Equal(record.signer, r.key_hash);
      });
}

Error BootRecordNamesTheVersion(const Rules& rules, const Facts& facts) {
  return OfBootRecord(
      rules, facts, [](const Rules&, const Facts& f, const BootRecord& record) {
        return Equal(record.version, VersionText(f.header.version).bytes());
      });
}

Error BootRecordNamesTheSoftwareType(const Rules& rules, const Facts& facts) {
  return OfBootRecord(
      rules, facts, [](const Rules& r, const Facts&, const BootRecord& record) {
        return r.software_type.empty() ||
               Equal(record.software_type, r.software_type);
      });
}

Error DependencyIsThere(const Rules& rules, const Facts& facts) {
  return Required(rules.dependency, facts, tlv::kDependency);
}

// A dependency on an image that the device does not have stops the upgrade of
// all of them. Whether the versions suffice is for the boot flow to say.
Error DependenciesExist(const Rules& rules, const Facts& facts) {
  return Holds(All(facts.protected_area, rules, NamesAnImage));
}

// Prove that the image is for this vendor's devices, and for this kind of them.
Error VendorUuidIsTheTargets(const Rules& rules, const Facts& facts) {
  return IsUuid(rules.vendor_uuid, facts, tlv::kVendorUuid);
}

Error ClassUuidIsTheTargets(const Rules& rules, const Facts& facts) {
  return IsUuid(rules.class_uuid, facts, tlv::kClassUuid);
}

}  // namespace bootseal::image::mcuboot::checks

#include "firmware/image/text_table.h"

namespace bootseal::image {
namespace {

constexpr Error kErrors[] = {BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_ERROR_CODE)};
constexpr char kTexts[] = BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_ERROR_TEXT);

}  // namespace

const char* ImageText(Error error) { return FindText(kErrors, kTexts, error); }

}  // namespace bootseal::image

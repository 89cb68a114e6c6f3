# cmake -D OUTPUT=page_files.cc -D FOLDER=page -D NAMES=app.js,index.html
#       -P embed.cmake
# Writes the page's files as arrays of bytes.
set(type_of.css text/css)
set(type_of.html text/html)
set(type_of.js text/javascript)
set(type_of.svg image/svg+xml)

string(REPLACE "," ";" names "${NAMES}")
set(arrays "")
set(rows "")
set(count 0)
foreach(name IN LISTS names)
  get_filename_component(extension ${name} LAST_EXT)
  file(READ ${FOLDER}/${name} bytes HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "constexpr char k${count}[] = {${bytes}};\n")
  string(APPEND rows "    {\"/${name}\", \"${type_of${extension}}; charset=utf-8\","
                     " {k${count}, sizeof(k${count})}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include <array>

#include \"client/console/page.h\"

namespace bootseal::console {
namespace {

${arrays}
constexpr std::array<PageFile, ${count}> kFiles{{
${rows}}};

}  // namespace

std::span<const PageFile> PageFiles() { return kFiles; }

}  // namespace bootseal::console
")

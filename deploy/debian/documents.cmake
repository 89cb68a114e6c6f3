# Documents of the packages: component, source, and its place below the folder
# of its package, share/doc/NAME. Links between them are written anew by
# write_documents.cmake, and those to what no package holds become plain text.
# Each .md says where in the source tree it is from, and that paths are of there.
set(component_packages client:bootseal server:bootseal-server fwu:bootseal-fwu
    dev:bootseal-dev)
set(documents
  "client client/README.md README.md"
  "client client/console/README.md console.md"
  "client client/imgtool/README.md imgtool.md"
  "client client/layout/README.md layout.md"
  "client client/tfm/README.md tfm.md"
  "client deploy/audit.md audit.md"
  "server deploy/README.md README.md"
  "server deploy/debian/README.Debian README.Debian"
  "server deploy/runbook.md runbook.md"
  "server deploy/threat_model.md threat_model.md"
  "server server/README.md server.md"
  "server hsm/README.md hsm.md"
  "server proto/bootseal/v1/config.proto config.proto"
  "server proto/bootseal/v1/policy.proto policy.proto"
  "server deploy/debian/policy.textproto examples/policy.textproto"
  "server deploy/policy/gateway.textproto.in examples/gateway.textproto.in"
  "server deploy/policy/examples/github.textproto examples/github.textproto"
  "server deploy/policy/examples/github.test.textproto examples/github.test.textproto"
  "server deploy/policy/examples/gitlab.textproto examples/gitlab.textproto"
  "server deploy/systemd/encrypted-pin.conf examples/encrypted-pin.conf"
  "server deploy/systemd/other-module.conf examples/other-module.conf"
  "server deploy/systemd/usb-hsm.conf examples/usb-hsm.conf"
  "server deploy/monitoring/README.md examples/monitoring/README.md"
  "server deploy/monitoring/alerts.yaml examples/monitoring/alerts.yaml"
  "server deploy/monitoring/dashboard.json examples/monitoring/dashboard.json"
  "fwu client/fwu/README.md README.md"
  # Not in /etc: its presence makes the units act, and it is about another device.
  "fwu deploy/fwu/bootseal-fwu.conf examples/bootseal-fwu.conf")
list(APPEND documents "dev client/integrations/README.md README.md")
foreach(folder cmake git github gitlab make shell tfm yocto zephyr)
  list(APPEND documents
       "dev client/integrations/${folder}/README.md ${folder}.md")
endforeach()

# parse_document(ENTRY): sets component, source and place ("NAME/FILE").
macro(parse_document entry)
  string(REGEX MATCH "^([^ ]+) ([^ ]+) ([^ ]+)$" _ "${entry}")
  set(component ${CMAKE_MATCH_1})
  set(source ${CMAKE_MATCH_2})
  set(place ${CMAKE_MATCH_3})
  string(REGEX MATCH "${component}:([^;]+)" _ "${component_packages}")
  set(place ${CMAKE_MATCH_1}/${place})
endmacro()

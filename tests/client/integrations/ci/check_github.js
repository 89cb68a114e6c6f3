// Holds files against the schemas that are published for GitHub's actions
// (action.yml) and workflows.
//
// usage: BOOTSEAL_CI_CHECKS=FOLDER node check_github.js FILE...
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const {createRequire} = require("node:module");
const checks = createRequire(path.join(process.env.BOOTSEAL_CI_CHECKS, "/"));
const validator = checks("@action-validator/core");

for (const file of process.argv.slice(2)) {
  const text = fs.readFileSync(file, "utf8");
  const {errors} = path.basename(file) === "action.yml" ?
      validator.validateAction(text) : validator.validateWorkflow(text);
  if (errors.length === 0) continue;
  console.error(`${file}: ${JSON.stringify(errors, null, 2)}`);
  process.exitCode = 1;
}

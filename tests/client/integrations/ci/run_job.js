// Runs the script of a job as GitLab's runner does: variables with the
// `$VARIABLES` in them, tokens under the names in `id_tokens` alone, and sh.
//
// usage: gitlab-ci-local --preview | BOOTSEAL_CI_CHECKS=FOLDER ISSUED_TOKEN=T
//        node run_job.js JOB
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const {spawnSync} = require("node:child_process");
const {createRequire} = require("node:module");
const checks = createRequire(path.join(process.env.BOOTSEAL_CI_CHECKS, "/"));
const yaml = checks("js-yaml");

const job = yaml.load(fs.readFileSync(0, "utf8"))[process.argv[2]];
if (job === undefined) {
  console.error(`run_job: no job ${process.argv[2]}`);
  process.exit(70);
}
const env = {...process.env};
delete env.ISSUED_TOKEN;
for (const [name, value] of Object.entries(job.variables)) {
  env[name] = String(value).replace(/\$([A-Z_]+)/g, (_, other) =>
    process.env[other] ?? "");
}
for (const name of Object.keys(job.id_tokens ?? {})) {
  env[name] = process.env.ISSUED_TOKEN ?? "";
}
const script = ["set -e", ...job.script];
const {status} = spawnSync("sh", ["-c", script.join("\n")],
                           {env, stdio: ["ignore", "inherit", "inherit"]});
process.exit(status);

// Runs the steps of a composite action as GitHub's runner does: defaults of
// inputs, expressions `${{ inputs.NAME }}` in a step's `env` alone, and bash with
// the runner's options. Ends as the first step that fails.
//
// usage: BOOTSEAL_CI_CHECKS=FOLDER node run_action.js action.yml NAME=VALUE...
"use strict";
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const {spawnSync} = require("node:child_process");
const {createRequire} = require("node:module");
const checks = createRequire(path.join(process.env.BOOTSEAL_CI_CHECKS, "/"));
const yaml = checks("js-yaml");

const [file, ...words] = process.argv.slice(2);
const action = yaml.load(fs.readFileSync(file, "utf8"));
const given = new Map(words.map((word) => {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}));

function fail(text) {
  console.error(`run_action: ${text}`);
  process.exit(70);
}

const inputs = {};
for (const [name, input] of Object.entries(action.inputs)) {
  if (input.required && !given.has(name)) fail(`input ${name} is missing`);
  inputs[name] = given.get(name) ?? input.default ?? "";
  given.delete(name);
}
if (given.size > 0) fail(`unknown input ${[...given.keys()][0]}`);

function evaluate(text) {
  return String(text).replace(/\$\{\{ *inputs\.([a-z-]+) *\}\}/g, (_, name) =>
    name in inputs ? inputs[name] : fail(`no input ${name}`));
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "run_action."));
let status = 0;
for (const step of action.runs.steps) {
  if (step.shell !== "bash" || step.run.includes("${{")) {
    fail(`step ${step.name}: expected bash, and no expression in its text`);
  }
  const env = {...process.env};
  for (const [name, value] of Object.entries(step.env ?? {})) {
    env[name] = evaluate(value);
  }
  const script = path.join(folder, "step.sh");
  fs.writeFileSync(script, step.run);
  const bash = ["--noprofile", "--norc", "-eo", "pipefail", script];
  status = spawnSync("bash", bash, {env, stdio: "inherit"}).status;
  if (status !== 0) break;
}
fs.rmSync(folder, {recursive: true});
process.exit(status);

// Proofs of the audit log, verified here with WebCrypto: RFC 6962 trees
// (checks as in RFC 9162, 2.1.3.2), C2SP signed notes and tlog-proof files.
// Nothing of the server's is believed but what the log key of the reviewer's
// own configuration signed.

const encoder = new TextEncoder();

export class Unsupported extends Error {}

export function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error('not hexadecimal');
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Strict: canonical, with padding.
function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const again = btoa(String.fromCharCode(...bytes));
  if (again !== text) throw new Error('base64 that is not canonical');
  return bytes;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function hash(algorithm, bytes) {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
}

const sha256 = (bytes) => hash('SHA-256', bytes);
const same = (a, b) => toHex(a) === toHex(b);

export const leafHash = (entry) => sha256(concat(Uint8Array.of(0), entry));
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

// The root that a path leads to. Throws when its length is not the tree's.
export async function rootOf(leaf, index, size, path) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  if (at > last) throw new Error('the entry lies behind the end of the tree');
  let node = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new Error('the path is too long');
    if (at & 1n || at === last) {
      node = await nodeHash(sibling, node);
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      node = await nodeHash(node, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new Error('the path is too short');
  return node;
}

// "origin+8 hex digits+base64(0x01 || key)"
export async function parseLogKey(text) {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  if (!parts) throw new Error('the configured log key is malformed');
  const [, name, id, encoded] = parts;
  const typed = fromBase64(encoded);
  if (typed.length !== 33 || typed[0] !== 1) {
    throw new Error('the configured log key is not Ed25519');
  }
  const digest = await sha256(concat(encoder.encode(`${name}\n`), typed));
  if (toHex(digest.subarray(0, 4)) !== id) {
    throw new Error('the configured log key has the id of another');
  }
  return {name, id, key: typed.subarray(1)};
}

async function verifyEd25519(key, signature, text) {
  let imported;
  try {
    imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  } catch (error) {
    throw new Unsupported(`this browser has no Ed25519 (${error.name})`);
  }
  return crypto.subtle.verify('Ed25519', imported, signature, encoder.encode(text));
}

// Origin, size and root of a note, which are worth nothing yet.
export function parseCheckpoint(note) {
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw new Error('the checkpoint is not a signed note');
  const text = note.slice(0, split + 1);
  const [origin, size, root] = text.split('\n');
  if (!/^(0|[1-9][0-9]*)$/.test(size || '')) {
    throw new Error('the checkpoint has no size');
  }
  return {
    text, origin, size: BigInt(size), root: fromBase64(root || ''),
    signatures: note.slice(split + 2).split('\n').filter((line) => line),
  };
}

// Throws unless `key` signed the checkpoint.
export async function checkSignature(checkpoint, key) {
  if (checkpoint.origin !== key.name) {
    throw new Error(`the checkpoint is of ${checkpoint.origin}, and the ` +
                    `configured log key of ${key.name}`);
  }
  for (const line of checkpoint.signatures) {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    if (!parts) throw new Error('a signature line is malformed');
    if (parts[1] !== key.name) continue;
    const bytes = fromBase64(parts[2]);
    if (toHex(bytes.subarray(0, 4)) !== key.id) continue;
    if (bytes.length === 68 &&
        await verifyEd25519(key.key, bytes.subarray(4), checkpoint.text)) {
      return;
    }
    throw new Error('the signature of the configured log key is bad');
  }
  throw new Error('the configured log key did not sign the checkpoint');
}

// c2sp.org/tlog-proof@v1
export function parseReceipt(text) {
  const split = text.indexOf('\n\n');
  const lines = text.slice(0, split).split('\n');
  if (split < 0 || lines.shift() !== 'c2sp.org/tlog-proof@v1') {
    throw new Error('the receipt is not a tlog-proof');
  }
  if (lines[0] && lines[0].startsWith('extra ')) lines.shift();
  const index = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() || '');
  if (!index) throw new Error('the receipt has no index');
  return {
    index: BigInt(index[1]), checkpoint: text.slice(split + 2),
    hashes: lines.map((line) => toHex(fromBase64(line))),
  };
}

// Every step with what came of it:
// [{name, state: 'passed' | 'failed' | 'unsupported' | 'skipped', detail}]
export async function verifyEntry(entryHex, index, hashes, note, logKey) {
  const facts = {};
  const steps = [];
  for (const [name, step] of [
    ['leaf hash of the exact entry bytes', async () => {
      facts.leaf = await leafHash(fromHex(entryHex));
      return toHex(facts.leaf);
    }],
    ['checkpoint', async () => {
      facts.checkpoint = parseCheckpoint(note);
      return `${facts.checkpoint.origin}, ${facts.checkpoint.size} entries, ` +
             `root ${toHex(facts.checkpoint.root)}`;
    }],
    ['audit path to the root', async () => {
      const root = await rootOf(facts.leaf, index, facts.checkpoint.size,
                                hashes.map(fromHex));
      if (!same(root, facts.checkpoint.root)) {
        throw new Error(`the path leads to ${toHex(root)}`);
      }
      return `${hashes.length} hashes`;
    }],
    ['signature of the log key', async () => {
      const key = await parseLogKey(logKey);
      await checkSignature(facts.checkpoint, key);
      return `Ed25519, ${key.name}+${key.id}`;
    }],
  ]) {
    if (steps.some((done) => done.state === 'failed')) {
      steps.push({name, state: 'skipped', detail: ''});
      continue;
    }
    try {
      steps.push({name, state: 'passed', detail: await step()});
    } catch (error) {
      steps.push({
        name, detail: error.message,
        state: error instanceof Unsupported ? 'unsupported' : 'failed',
      });
    }
  }
  return steps;
}

// 'verified' | 'refuted' | 'unsupported'
export function outcomeOf(steps) {
  if (steps.some((step) => step.state === 'failed')) return 'refuted';
  if (steps.some((step) => step.state === 'unsupported')) return 'unsupported';
  return 'verified';
}

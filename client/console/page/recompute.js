// The digest of a request, computed here from the reviewer's own payload file:
// header, padding, payload, zeros, protected TLVs.
import {el} from './dom.js';
import {concat, fromHex, hash, toHex} from './proof.js';

const kAlgorithms = {sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512'};

export async function digestOf(payload, digest) {
  const {header, padding_bytes, padding_byte, protected_tlvs, payload_padding_bytes} =
      digest.preimage;
  const whole = concat(fromHex(header),
                       new Uint8Array(padding_bytes).fill(padding_byte), payload,
                       new Uint8Array(payload_padding_bytes), fromHex(protected_tlvs));
  return toHex(await hash(kAlgorithms[digest.hash], whole));
}

// A payload may come with room for the header in front.
async function matches(payload, digest) {
  if (await digestOf(payload, digest) === digest.digest) return true;
  const room = digest.preimage.header.length / 2 + digest.preimage.padding_bytes;
  return payload.length > room &&
         await digestOf(payload.subarray(room), digest) === digest.digest;
}

async function judge(file, digests, said) {
  const payload = new Uint8Array(await file.arrayBuffer());
  const lines = [`sha256 of ${file.name}: ${toHex(await hash('SHA-256', payload))}`];
  let good = true;
  for (const digest of digests) {
    const match = await matches(payload, digest);
    good = good && match;
    lines.push(`digest for key ${digest.key}: ` +
               (match ? 'the same as in the request' : 'NOT that of the request'));
  }
  said.replaceChildren(...lines.map((line) => el('div', {}, line)));
  said.className = good ? 'said good' : 'said bad';
}

// A chooser; nothing leaves the browser.
export function recomputeHere(digests) {
  const usable = digests.filter((digest) => digest.preimage && kAlgorithms[digest.hash]);
  if (usable.length === 0) return null;
  const said = el('div', {class: 'said', role: 'status'});
  const chooser = el('input', {type: 'file', id: 'payload-file', onchange: () => {
    if (chooser.files[0]) judge(chooser.files[0], usable, said);
  }});
  return el('p', {}, el('label', {for: 'payload-file'},
                        'Your own copy of the payload (raw bytes; it stays in this browser): '),
            chooser, said);
}

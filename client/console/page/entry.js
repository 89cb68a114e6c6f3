// One entry in full, its proof verified in this browser.
import {get} from './api.js';
import {el, fields} from './dom.js';
import {outcomeOf, parseCheckpoint, verifyEntry} from './proof.js';

const kWords = {
  verified: ['good', 'Proof verified in this browser',
             'These exact bytes are in the log whose key this machine is configured with.'],
  refuted: ['bad', 'NOT verified',
            'Do not rely on this entry: the proof does not hold.'],
};

function words(outcome, checked) {
  if (outcome !== 'unsupported') return kWords[outcome];
  return checked === null
    ? ['fair', 'Not verified by this browser',
       'It lacks Ed25519. bootseal console, on this machine, has verified the proof.']
    : ['bad', 'NOT verified',
       `This browser lacks Ed25519, and bootseal console says: ${checked.message}`];
}

// `checked` is what the console itself found: null when the proof held.
export async function proofPanel(entryHex, index, hashes, note, logKey, checked) {
  const steps = await verifyEntry(entryHex, index, hashes, note, logKey);
  // Two verifiers that differ are no proof.
  const outcome = outcomeOf(steps) === 'verified' && checked ? 'refuted' : outcomeOf(steps);
  const [kind, title, text] = words(outcome, checked);
  return el('section', {class: `proof ${kind}`, 'aria-label': 'Proof', 'data-outcome': outcome},
    el('h2', {role: 'status'}, title), el('p', {}, text),
    el('ol', {}, steps.map((step) =>
      el('li', {class: step.state}, el('strong', {}, step.name), ' ', step.state,
         step.detail ? [': ', el('code', {}, step.detail)] : ''))),
    checked && el('p', {}, 'bootseal console says: ', checked.message));
}

export async function showEntry(page, index, settings) {
  const reply = await get(`/api/entries/${index}`);
  const {proof} = reply;
  const panel = await proofPanel(reply.entry_hex, reply.index, proof.hashes,
                                 proof.checkpoint, settings.log_key, reply.checked);
  const size = parseCheckpoint(proof.checkpoint).size;
  page.show(
    el('nav', {'aria-label': 'Entry', class: 'pages'},
       el('a', {class: 'back', href: '#/log'}, 'Log'),
       reply.index > 0 && el('a', {href: `#/log/${reply.index - 1}`}, 'Older'),
       BigInt(reply.index + 1) < size &&
           el('a', {href: `#/log/${reply.index + 1}`}, 'Newer')),
    el('h1', {}, `Entry ${reply.index}: ${reply.entry.event}`),
    panel,
    el('section', {'aria-label': 'Fields'}, el('h2', {}, 'What it says'),
       el('p', {class: 'quiet'}, 'Read out of exactly these bytes by bootseal console on this machine.'),
       fields(reply.entry)),
    reply.policy_text && el('details', {}, el('summary', {}, 'The policy, verbatim'),
                            el('pre', {tabindex: '0'}, reply.policy_text)),
    el('details', {}, el('summary', {}, `Exact bytes (${reply.entry_hex.length / 2})`),
       el('pre', {class: 'bytes', tabindex: '0'}, reply.entry_hex)));
}

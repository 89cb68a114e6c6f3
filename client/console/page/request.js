// One request: what changed, how to recompute it, and the reviewer's own word.
import {get, post} from './api.js';
import {el, fields, problem, time, untilText} from './dom.js';
import {proofPanel} from './entry.js';
import {table} from './log.js';
import {parseReceipt} from './proof.js';
import {recomputeHere} from './recompute.js';
import {countWaiting} from './waiting.js';

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function differences(request) {
  if (!request.last_release) {
    return el('p', {}, 'The server knows no release of this target to compare with.');
  }
  return [
    el('p', {class: 'quiet'}, 'Against the last release, ',
       el('a', {href: `#/log/${request.last_release.index}`},
          `entry ${request.last_release.index}`),
       request.last_release_proven
         ? ', which is in the log; that none came after it, the server says.'
         : ', as the server says; nothing of it is proven.'),
    table(['', 'Last release', 'This request', ''], request.differences.map((each) => {
      const changed = each.before !== each.now;
      const cell = (label, ...children) => el('td', {'data-label': label}, ...children);
      return el('tr', {class: changed ? 'changed' : ''},
        el('th', {scope: 'row'}, each.name), cell('Last release', el('code', {}, each.before)),
        cell('This request', el('code', {}, each.now)),
        cell('', changed ? el('span', {class: 'tag pending'}, 'changed') : 'same'));
    }))];
}

// What bootseal console counted itself, and what it was only told.
function approvals(request) {
  const of = (people, needed) =>
    `${people.length} of ${needed} approvals${people.length ? ` (${people.join(', ')})` : ''}`;
  return [
    el('p', {id: 'approvals'}, of(request.counted, request.needed), ', ',
       request.counted_proven
         ? ['counted on this machine by the policy in ',
            el('a', {href: `#/log/${request.policy_index}`}, `entry ${request.policy_index}`)]
         : 'as the server says: not counted on this machine',
       `; asked by ${request.requester} at `, time(request.time_unix_ms),
       request.state === 'waiting' ? `; ends in ${untilText(request.expires_unix_ms)}` : ''),
    request.server_differs
      ? el('div', {class: 'problem'}, el('strong', {}, 'The server counts otherwise: '),
           of(request.server_counted, request.server_needed))
      : null];
}

function digests(request) {
  return request.digests.map((digest) => el('div', {class: 'digest'},
    el('p', {}, `${digest.hash} for key ${digest.key}: `, el('code', {}, digest.digest))));
}

function recompute(request) {
  if (!request.recompute) return null;
  return el('details', {}, el('summary', {}, 'Compute the digest in a shell, with nothing of ours'),
            el('pre', {tabindex: '0'}, request.recompute));
}

function lowered(request) {
  const lines = [];
  if (request.lowers_security_counter_from !== null) {
    lines.push(`the security counter goes down from ${request.lowers_security_counter_from}`);
  }
  if (request.lowers_version_from !== null) {
    lines.push(`the version goes down from ${request.lowers_version_from}`);
  }
  return lines.length
    ? el('div', {class: 'problem'}, el('strong', {}, 'Lower than released: '), lines.join('; '))
    : null;
}

function allowance(id, label, wanted) {
  if (!wanted) return null;
  return el('p', {}, el('input', {type: 'checkbox', id}), ' ', el('label', {for: id}, label));
}

async function follow(id, said) {
  for (;;) {
    await sleep(1000);
    if (!said.isConnected) return;
    let fate;
    try {
      fate = await get(`/api/confirmations/${id}`);
    } catch (error) {
      said.replaceChildren(problem(error));
      return;
    }
    if (fate.state !== 'open' && fate.state !== 'signing') return finish(fate, said);
  }
}

function finish(fate, said) {
  if (!said.isConnected || said.dataset.finished) return;
  said.dataset.finished = 'true';
  countWaiting();
  if (fate.state === 'done') {
    said.replaceChildren(el('p', {class: 'said good', role: 'status'},
      'Signed, and in the log as ', el('a', {href: `#/log/${fate.index}`}, `entry ${fate.index}`), '.'));
    said.querySelector('a').focus();
    return;
  }
  const text = {
    failed: fate.error && `${fate.error.reason}: ${fate.error.message}`,
    declined: 'Declined on the terminal. Nothing was signed.',
    void: 'Too many wrong codes, or another question was asked since. Nothing was signed by this one.',
    expired: 'Nobody confirmed in time. Nothing was signed.',
  }[fate.state];
  said.replaceChildren(el('p', {class: 'said bad', role: 'alert'}, text));
}

function codeForm(question, said) {
  const failure = el('div', {});
  const input = el('input', {
    id: 'code', inputmode: 'numeric', autocomplete: 'off', maxlength: '6',
    pattern: '[0-9]{6}', required: true, class: 'code'});
  const form = el('form', {onsubmit: async (event) => {
    event.preventDefault();
    try {
      const {index} = await post(`/api/confirmations/${question.id}`, {code: input.value});
      finish({state: 'done', index}, said);
    } catch (error) {
      failure.replaceChildren(problem(error));
      input.value = '';
      input.focus();
    }
  }},
    el('p', {}, 'The terminal of bootseal console shows what is to be signed, and a code. ' +
                'Compare it with this page, then type the code here or there.'),
    el('label', {for: 'code'}, 'Code '), input, ' ',
    el('button', {type: 'submit'}, 'Sign'), failure);
  said.replaceChildren(form);
  input.focus();
}

function decision(request) {
  if (!['waiting', 'approved'].includes(request.state)) return null;
  if (!request.may_approve) {
    return el('section', {}, el('h2', {}, 'Your word'),
      el('p', {}, 'The policy does not let you approve this request, or you asked for it yourself.'));
  }
  const said = el('div', {id: 'said'});
  const reason = el('textarea', {id: 'reason', rows: '2', maxlength: '1024'});
  const ask = async (verdict) => {
    const checked = (id) => Boolean(document.getElementById(id)?.checked);
    try {
      const question = await post(`/api/requests/${request.subject}/confirmation`, {
        verdict, reason: reason.value,
        allows_lower_security_counter: checked('allow-counter'),
        allows_lower_version: checked('allow-version'),
      });
      const box = el('div', {});
      said.replaceChildren(box);
      codeForm(question, box);
      follow(question.id, box);
    } catch (error) {
      said.replaceChildren(problem(error));
      if (error.field === 'reason') reason.focus();
    }
  };
  return el('section', {'aria-label': 'Your word'}, el('h2', {}, 'Your word'),
    el('p', {}, el('label', {for: 'reason'}, 'Reason (a denial needs one; it goes into the log)'),
       el('br'), reason),
    allowance('allow-counter', 'I allow the lower security counter',
              request.lowers_security_counter_from !== null),
    allowance('allow-version', 'I allow the lower version', request.lowers_version_from !== null),
    el('p', {}, el('button', {type: 'button', id: 'approve', onclick: () => ask('approve')}, 'Approve…'),
       ' ', el('button', {type: 'button', id: 'deny', class: 'deny', onclick: () => ask('deny')}, 'Deny…')),
    said);
}

async function proofOf(request, settings) {
  try {
    const receipt = parseReceipt(request.receipt);
    return await proofPanel(request.entry_hex, receipt.index, receipt.hashes,
                            receipt.checkpoint, settings.log_key, request.checked);
  } catch (error) {
    return el('section', {class: 'proof bad', 'data-outcome': 'refuted'},
              el('h2', {role: 'status'}, 'NOT verified'), el('p', {}, error.message));
  }
}

export async function showRequest(page, subject, settings) {
  const request = await get(`/api/requests/${subject}`);
  const panel = await proofOf(request, settings);
  page.show(
    el('nav', {'aria-label': 'Request', class: 'pages'},
       el('a', {class: 'back', href: '#/waiting'}, 'Waiting')),
    el('h1', {}, request.title, ' ', el('span', {class: `tag ${request.state}`}, request.state)),
    approvals(request),
    lowered(request),
    el('section', {'aria-label': 'Differences'}, el('h2', {}, 'What changed'), differences(request)),
    el('section', {'aria-label': 'Digests'}, el('h2', {}, 'What gets signed'),
       digests(request), recomputeHere(request.digests), recompute(request)),
    panel,
    decision(request),
    request.approvals.length
      ? el('section', {}, el('h2', {}, 'What people said'), request.approvals.map((each) =>
          el('details', {}, el('summary', {}, `Entry ${each.index}, ${each.identity}`), fields(each))))
      : null,
    el('details', {}, el('summary', {}, `The request in full (entry ${request.index})`),
       fields(request.entry)));
}

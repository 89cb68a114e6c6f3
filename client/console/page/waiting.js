// Requests that wait for people.
import {get} from './api.js';
import {el, problem, time, untilText} from './dom.js';
import {table} from './log.js';

export async function countWaiting() {
  const count = document.getElementById('waiting-count');
  try {
    const {requests, next} = await get('/api/requests');
    count.textContent = next ? `${requests.length}+` : String(requests.length);
    count.hidden = requests.length === 0;
  } catch {
    count.hidden = true;
  }
}

function row(request) {
  const href = `#/waiting/${request.subject}`;
  const cell = (label, ...children) => el('td', {'data-label': label}, ...children);
  return el('tr', {onclick: () => { location.hash = href; }},
    cell('Request', el('a', {class: 'row', href}, request.title)),
    cell('State', el('span', {class: `tag ${request.state}`}, request.state)),
    cell('Approvals', `${request.counted.length} of ${request.needed}`),
    cell('Asked by', request.requester),
    cell('Since', time(request.time_unix_ms)),
    cell('Ends in', request.state === 'waiting' ? untilText(request.expires_unix_ms) : ''),
    cell('You', request.may_approve ? 'may approve' : ''));
}

export async function showWaiting(page, parameters) {
  const all = parameters.get('all') === 'true';
  const query = {all: all ? 'true' : '', start: parameters.get('start') || ''};
  const toggle = el('p', {}, all ? el('a', {href: '#/waiting'}, 'Only those that wait')
                                 : el('a', {href: '#/waiting?all=true'}, 'Earlier ones too'));
  let found;
  try {
    found = await get('/api/requests', query);
  } catch (error) {
    page.show(el('h1', {}, 'Waiting'), problem(error));
    return;
  }
  const {requests, next} = found;
  const more = new URLSearchParams(all ? {all: 'true', start: next} : {start: next});
  page.show(el('h1', {}, all ? 'All requests' : 'Waiting'), toggle,
    requests.length
      ? el('p', {class: 'quiet'}, 'As the server says; a request that is opened is held against the log.')
      : null,
    requests.length
      ? table(['Request', 'State', 'Approvals', 'Asked by', 'Since (UTC)', 'Ends in', 'You'],
              requests.map(row))
      : el('p', {role: 'status'}, all ? 'No request needed approvals yet.' : 'Nothing waits.'),
    next ? el('nav', {'aria-label': 'Pages', class: 'pages'},
              el('a', {href: `#/waiting?${more}`}, 'Next')) : null);
  countWaiting();
}

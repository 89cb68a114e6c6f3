// The log as a list, with filters. A search goes forward from its start; the
// unfiltered list shows the newest first.
import {get} from './api.js';
import {el, problem, time} from './dom.js';
import {parseCheckpoint} from './proof.js';

const kPage = 50;
const kFilters = [
  ['target', 'Target', 'text'], ['identity', 'Identity', 'text'],
  ['key', 'Key', 'text'], ['decision', 'Decision', 'select'],
  ['from', 'From (UTC)', 'datetime-local'], ['until', 'Until (UTC)', 'datetime-local'],
];
const kDecisions = ['', 'allowed', 'refused', 'pending'];

function filterField([name, label, type], parameters) {
  const value = parameters.get(name) || '';
  const id = `filter-${name}`;
  const input = type === 'select'
    ? el('select', {id, name}, kDecisions.map((each) =>
        el('option', {value: each, selected: each === value}, each || 'any')))
    : el('input', {id, name, type, value, autocomplete: 'off', spellcheck: 'false'});
  return el('div', {class: 'field'}, el('label', {for: id}, label), input);
}

function filterForm(parameters) {
  const form = el('form', {class: 'filter', role: 'search', 'aria-label': 'Filter',
    onsubmit: (event) => {
      event.preventDefault();
      const chosen = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (value) chosen.set(name, value);
      }
      const query = chosen.toString();
      location.hash = query ? `#/log?${query}` : '#/log';
    }},
    kFilters.map((each) => filterField(each, parameters)),
    el('div', {class: 'field'},
       el('button', {type: 'submit'}, 'Search'), ' ',
       el('a', {href: '#/log'}, 'Clear')));
  return form;
}

// One line about what happened, whatever kind of entry it is.
function summary(entry) {
  const event = entry[entry.event] || {};
  switch (entry.event) {
    case 'signing': return [`${event.target} ${event.version}`, event.decision, event.reason];
    case 'policy': return [`policy version ${event.version}`, '', ''];
    case 'start': return [`server ${event.server_version}`, '', ''];
    case 'access': return [event.rpc, event.decision, event.reason];
    case 'refusals': return [`${event.count} more refusals`, 'refused', event.last_reason];
    case 'approval': return [event.target || 'key change', event.verdict || '', event.approver || ''];
    case 'key': return [`key ${(event.change && event.change.key) || ''}`,
                        event.decision || '', event.reason || ''];
    default: return ['', '', ''];
  }
}

function row(entry) {
  const [what, decision, why] = summary(entry);
  const href = `#/log/${entry.index}`;
  const cell = (label, ...children) => el('td', {'data-label': label}, ...children);
  return el('tr', {onclick: () => { location.hash = href; }},
    cell('Entry', el('a', {class: 'row', href}, entry.index)),
    cell('Time', time(entry.time_unix_ms)),
    cell('Identity', entry.identity),
    cell('Event', entry.event),
    cell('What', what),
    cell('Decision', decision && el('span', {class: `tag ${decision}`}, decision)),
    cell('Why', why));
}

export function table(titles, rows) {
  return el('table', {},
    el('thead', {}, el('tr', {}, titles.map((title) => el('th', {scope: 'col'}, title)))),
    el('tbody', {}, rows));
}

async function newest(parameters) {
  const {note} = await get('/api/checkpoint');
  const size = Number(parseCheckpoint(note).size);
  const end = Math.min(Number(parameters.get('before') || size), size);
  const start = Math.max(0, end - kPage);
  const {entries} = end > 0 ? await get('/api/entries', {start, limit: end - start})
                            : {entries: []};
  const links = [];
  if (end < size) links.push(['Newest', '#/log'], ['Newer', `#/log?before=${end + kPage}`]);
  if (start > 0) links.push(['Older', `#/log?before=${start}`]);
  return {entries: entries.reverse(), links, said: `${size} entries, newest first`};
}

async function search(parameters) {
  const query = Object.fromEntries(parameters);
  for (const name of ['from', 'until']) {
    if (query[name]) query[name] = String(Date.parse(`${query[name]}Z`));
  }
  const {entries, next} = await get('/api/entries', {...query, limit: kPage});
  const links = [];
  const go = (start) => {
    const other = new URLSearchParams(parameters);
    if (start) other.set('start', start);
    else other.delete('start');
    return `#/log?${other}`;
  };
  if (parameters.has('start')) links.push(['First', go(0)]);
  if (next) links.push(['Next', go(next)]);
  return {entries, links, said: 'A search, oldest first. No checkpoint covers a search: ' +
                                'an entry that you open is proven.'};
}

export async function showLog(page, parameters) {
  const focus = parameters.get('focus') === 'filter';
  parameters.delete('focus');
  const filtered = kFilters.some(([name]) => parameters.get(name));
  const form = filterForm(parameters);
  const list = el('div', {}, el('p', {class: 'quiet'}, 'Loading…'));
  page.show(el('h1', {}, 'Log'), form, list);
  if (focus) form.querySelector('input').focus();
  let found;
  try {
    found = await (filtered ? search : newest)(parameters);
  } catch (error) {
    list.replaceChildren(problem(error));
    return;
  }
  const {entries, links, said} = found;
  list.replaceChildren(
    el('p', {class: 'quiet', role: 'status'}, entries.length ? said : 'Nothing matches.'),
    entries.length
      ? table(['Entry', 'Time (UTC)', 'Identity', 'Event', 'What', 'Decision', 'Why'],
              entries.map(row))
      : '',
    el('nav', {'aria-label': 'Pages', class: 'pages'},
       links.map(([name, href]) => el('a', {href}, name))));
}

// Elements from values. Text is only ever text: nothing here parses HTML, and
// the page's policy forbids it.

export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'value' || name === 'checked' || name === 'disabled') {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child
                                         : document.createTextNode(String(child)));
  }
}

// What a view shows. A later view ends an earlier one, however late that has
// its answers.
export class Page {
  static #current = null;

  constructor() {
    Page.#current = this;
  }

  show(...children) {
    if (Page.#current !== this) return;
    const main = document.getElementById('main');
    // A list that is asked for anew keeps the reader's place.
    const row = document.activeElement?.closest('a.row')?.getAttribute('href');
    main.replaceChildren();
    append(main, children);
    if (row) [...main.querySelectorAll('a.row')].find((each) => each.getAttribute('href') === row)?.focus();
  }
}

export function time(milliseconds) {
  const moment = new Date(milliseconds);
  if (!milliseconds || Number.isNaN(moment.getTime())) return '';
  const text = moment.toISOString().replace(/\.\d+Z$/, 'Z');
  return el('time', {datetime: text, title: moment.toString()},
            text.replace('T', ' '));
}

// "2 h 5 min" from now on.
export function untilText(milliseconds) {
  const minutes = Math.floor((milliseconds - Date.now()) / 60000);
  if (minutes < 0) return 'over';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

export function problem(error) {
  return el('div', {class: 'problem', role: 'alert'},
            el('strong', {}, error.reason || 'ERROR'), ' ', error.message);
}

// Objects as lists of definitions, however deep; what is empty is left out.
export function fields(value) {
  const list = el('dl', {class: 'fields'});
  for (const [name, item] of Object.entries(value)) {
    if (item === null || item === '' || (name === 'time_unix_ms' && value.time) ||
        (Array.isArray(item) && item.length === 0)) {
      continue;
    }
    list.append(el('dt', {}, name.replaceAll('_', ' ')), el('dd', {}, field(name, item)));
  }
  return list;
}

function field(name, item) {
  if (name.endsWith('_unix_ms')) return item ? time(item) : '';
  if (Array.isArray(item) && item.every((each) => typeof each !== 'object')) {
    return item.join(', ');
  }
  if (Array.isArray(item)) return item.map((each) => fields(each));
  if (typeof item === 'object') return fields(item);
  if (typeof item === 'string' && /^[0-9a-f]{32,}$/.test(item)) {
    return el('code', {}, item);
  }
  return String(item);
}

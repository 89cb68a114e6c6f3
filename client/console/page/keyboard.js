// Everything without a mouse: the focus itself moves, so that what a key does is
// what a screen reader says.

const current = () => document.activeElement;
const rows = () => [...document.querySelectorAll('a.row')];

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1)
                      : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({block: 'nearest'});
}

function isField(element) {
  return ['INPUT', 'SELECT', 'TEXTAREA'].includes(element.tagName);
}

function leave() {
  if (isField(current())) {
    current().blur();
    document.getElementById('main').focus();
    return;
  }
  const back = document.querySelector('a.back');
  if (back) location.hash = back.getAttribute('href');
}

const reload = () => window.dispatchEvent(new HashChangeEvent('hashchange'));

// Where we are already, it is asked for anew.
function go(hash) {
  if (location.hash === hash) reload();
  else location.hash = hash;
}

const actions = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  '/': () => {
    const filter = document.querySelector('.filter input');
    if (filter) filter.focus();
    else location.hash = '#/log?focus=filter';
  },
  w: () => go('#/waiting'),
  l: () => go('#/log'),
  r: reload,
};

export function listen() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') return leave();
    if (isField(event.target)) return;
    const action = actions[event.key];
    // Arrows scroll where there is no list to move in.
    if (!action || (event.key.startsWith('Arrow') && rows().length === 0)) return;
    event.preventDefault();
    action();
  });
  document.getElementById('skip').addEventListener('click', () => {
    document.getElementById('main').focus();
  });
}

// Which view the address names.
import {get, openSession} from './api.js';
import {el, problem, show} from './dom.js';
import {showEntry} from './entry.js';
import {listen} from './keyboard.js';
import {showLog} from './log.js';
import {showRequest} from './request.js';
import {countWaiting, showWaiting} from './waiting.js';

const kViews = [
  [/^\/waiting$/, (match, parameters) => showWaiting(parameters)],
  [/^\/waiting\/([0-9a-f]{64})$/, (match, parameters, settings) => showRequest(match[1], settings)],
  [/^\/log$/, (match, parameters) => showLog(parameters)],
  [/^\/log\/([0-9]{1,19})$/, (match, parameters, settings) => showEntry(match[1], settings)],
];

function markView(path) {
  for (const link of document.querySelectorAll('header nav a')) {
    const here = path.startsWith(link.getAttribute('href').slice(1));
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

async function route(settings) {
  const [path, query] = location.hash.slice(1).split('?');
  markView(path);
  for (const [pattern, view] of kViews) {
    const match = pattern.exec(path);
    if (!match) continue;
    try {
      await view(match, new URLSearchParams(query || ''), settings);
    } catch (error) {
      const up = path.startsWith('/log') ? '#/log' : '#/waiting';
      show(el('nav', {class: 'pages'}, el('a', {class: 'back', href: up}, 'Back')), problem(error));
    }
    // A new view is read from its beginning, unless it has put the focus itself.
    if (document.activeElement === document.body) document.getElementById('main').focus();
    document.title = `${document.querySelector('h1')?.textContent || 'Bootseal'} · Bootseal console`;
    return;
  }
  location.hash = '#/waiting';
}

async function start() {
  listen();
  window.addEventListener('hashchange', () => {
    if (location.hash.startsWith('#ticket=')) location.reload();
  });
  try {
    await openSession();
    const settings = await get('/api/console');
    document.getElementById('where').textContent = `${settings.origin} at ${settings.server}`;
    window.addEventListener('hashchange', () => {
      if (!location.hash.startsWith('#ticket=')) route(settings);
    });
    countWaiting();
    await route(settings);
  } catch (error) {
    show(el('h1', {}, 'Not opened'), problem(error));
  }
}

start();

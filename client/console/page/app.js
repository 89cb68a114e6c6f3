// Which view the address names.
import {get, openSession} from './api.js';
import {Page, el, problem} from './dom.js';
import {showEntry} from './entry.js';
import {listen} from './keyboard.js';
import {showLog} from './log.js';
import {showRequest} from './request.js';
import {countWaiting, showWaiting} from './waiting.js';

const kViews = [
  [/^\/waiting$/, (page, match, parameters) => showWaiting(page, parameters)],
  [/^\/waiting\/([0-9a-f]{64})$/, (page, match, parameters, settings) => showRequest(page, match[1], settings)],
  [/^\/log$/, (page, match, parameters) => showLog(page, parameters)],
  [/^\/log\/([0-9]{1,19})$/, (page, match, parameters, settings) => showEntry(page, match[1], settings)],
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
    const page = new Page();
    try {
      await view(page, match, new URLSearchParams(query || ''), settings);
    } catch (error) {
      const up = path.startsWith('/log') ? '#/log' : '#/waiting';
      page.show(el('nav', {class: 'pages'}, el('a', {class: 'back', href: up}, 'Back')), problem(error));
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
    new Page().show(el('h1', {}, 'Not opened'), problem(error));
  }
}

start();
